import { libvirtBackend } from "./backend.js";
import { instancesOn } from "./cases.js";

instancesOn("libvirt", libvirtBackend, process.env.FORM === "full");
