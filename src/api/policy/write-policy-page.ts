import { writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { protoDirectory } from "../contract-files.js";
import { policyPage } from "./policy-page.js";

// `make docs`
writeFileSync(join(dirname(protoDirectory()), "docs", "policy.md"), policyPage());
