import { holdToThePort } from "./conformance.js";
import { libvirtBackend } from "./libvirt-backend.js";

holdToThePort(libvirtBackend);
