import type { Command } from "commander";
import { registerBuild } from "./build.js";
import { registerDiff } from "./diff.js";
import { registerExtract } from "./extract.js";
import { registerInspect } from "./inspect.js";
import { registerMkisofs } from "./mkisofs.js";
import { registerVerify } from "./verify.js";

/** The commands that work on image files alone, without the service. */
export function registerImageCommands(program: Command): void {
  registerBuild(program);
  registerInspect(program);
  registerExtract(program);
  registerVerify(program);
  registerDiff(program);
  registerMkisofs(program);
}
