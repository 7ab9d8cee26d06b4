import { holdToThePort } from "./conformance.js";
import { libvirtTlsBackend } from "./libvirt-backend.js";

holdToThePort(libvirtTlsBackend, 1);
