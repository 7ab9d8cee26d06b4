import { holdToThePort } from "./conformance.js";
import { fileBackend } from "./file-backend.js";

holdToThePort(fileBackend);
