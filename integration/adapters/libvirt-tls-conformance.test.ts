import { holdToThePort } from "./conformance.js";
import { libvirtTlsBackend } from "./libvirt-backend.js";

// The unix socket has ten turns of the same libvirt; each device has one here.
holdToThePort(libvirtTlsBackend, { short: 1, full: 3 });
