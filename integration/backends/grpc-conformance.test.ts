import { holdToThePort } from "../adapters/conformance.js";
import { grpcBackend } from "./grpc-backend.js";

holdToThePort(grpcBackend);
