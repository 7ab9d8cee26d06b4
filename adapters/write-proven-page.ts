import { writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { provenFile, readProven } from "./proven.js";
import { provenPage } from "./proven-page.js";

// `make docs`
writeFileSync(join(dirname(provenFile), "..", "docs", "adapters.md"), provenPage(readProven()));
