import { oneHost } from "./one-host.js";
import { twoHosts } from "./two-hosts.js";

const isFull = process.env.FORM === "full";

oneHost("trixie", isFull);
twoHosts("trixie", isFull);
