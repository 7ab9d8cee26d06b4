import { instancesOn } from "./cases.js";
import { qemuBackend } from "./qemu-backend.js";

instancesOn("qemu", qemuBackend, "whole");
