import { qemuBackend } from "./backend.js";
import { instancesOn } from "./cases.js";

instancesOn("qemu", qemuBackend, true);
