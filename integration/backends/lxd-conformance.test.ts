import { holdToThePort } from "../adapters/conformance.js";
import { lxdBackend } from "./lxd-backend.js";

holdToThePort(lxdBackend);
