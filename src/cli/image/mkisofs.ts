import type { Command } from "commander";
import { planIso9660 } from "#image/iso9660/plan-iso9660.js";
import { directoryTree } from "./directory-tree.js";
import { parseMkisofsArguments } from "./mkisofs-arguments.js";
import { imageTime } from "./time.js";
import { writeWithProgress } from "./write.js";

/** `configdrive mkisofs …`: takes the place of genisoimage in nova's `mkisofs_cmd`. */
export function registerMkisofs(program: Command): void {
  program
    .command("mkisofs")
    .description("build an iso9660 image with the arguments that nova passes to mkisofs_cmd")
    .argument("[arguments...]")
    .helpOption(false)
    .allowUnknownOption()
    .passThroughOptions()
    .action(async (argumentList: string[]) => {
      const { output, label, publisher, directory } = parseMkisofsArguments(argumentList);
      const time = imageTime(undefined, process.env, () => new Date());
      const plan = planIso9660(await directoryTree(directory), { label, publisher, time });
      // genisoimage makes its output as the umask says, and nova's own ownership rules build on that. Nobody asks for its digest.
      await writeWithProgress(plan, output, { mode: 0o666 & ~process.umask(), digest: false });
    });
}
