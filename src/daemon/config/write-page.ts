import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { configurationPage, sampleFile } from "./page.js";

// `make docs`; runs as dist/src/daemon/config/write-page.js
const docs = fileURLToPath(new URL("../../../../docs/", import.meta.url));
writeFileSync(`${docs}configuration.md`, configurationPage());
writeFileSync(`${docs}configdrive.conf.sample`, sampleFile());
