import { instancesOn } from "./cases.js";
import { libvirtBackend } from "./libvirt-backend.js";
import { qemuBackend } from "./qemu-backend.js";
import { behindAgent } from "./runner.js";

// What a backend can do was seen without an agent: the short form has what passes through one, on one of them.
const isFull = process.env.FORM === "full";
instancesOn("qemu behind an agent", () => qemuBackend(behindAgent), isFull ? "whole" : "way");
if (isFull) instancesOn("libvirt behind an agent", () => libvirtBackend(behindAgent), "whole");
