import { holdToThePort } from "./conformance.js";
import { qemuBackend } from "./qemu-backend.js";

holdToThePort(qemuBackend);
