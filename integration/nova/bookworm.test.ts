import { oneHost } from "./one-host.js";
import { twoHosts } from "./two-hosts.js";

const isFull = process.env.FORM === "full";

oneHost("bookworm", isFull);
twoHosts("bookworm", isFull);
