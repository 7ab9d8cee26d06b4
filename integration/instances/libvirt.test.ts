import { instancesOn } from "./cases.js";
import { libvirtBackend } from "./libvirt-backend.js";

instancesOn("libvirt", libvirtBackend, process.env.FORM === "full" ? "whole" : "backend");
