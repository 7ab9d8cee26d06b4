import { writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { protoDirectory } from "./contract-files.js";
import { errorsPage } from "./errors-page.js";

// `make docs`
writeFileSync(join(dirname(protoDirectory()), "docs", "errors.md"), errorsPage());
