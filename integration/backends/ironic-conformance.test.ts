import { holdToThePort } from "../adapters/conformance.js";
import { ironicBackend } from "./ironic-backend.js";

holdToThePort(ironicBackend, { short: 1 });
