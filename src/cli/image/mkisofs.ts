import { existsSync } from "node:fs";
import type { Command } from "commander";
import { planIso9660 } from "#image/iso9660/plan-iso9660.js";
import type { FileTree } from "#image/tree.js";
import { describeFailure } from "../failure.js";
import { directoryTree } from "./directory-tree.js";
import { type MkisofsRequest, parseMkisofsArguments } from "./mkisofs-arguments.js";
import { imageTime } from "./time.js";
import { writeWithProgress } from "./write.js";

/** Where a service listens whose configuration does not say otherwise. */
const DEFAULT_SERVER = "unix:/run/configdrive/grpc.sock";

/**
 * `configdrive mkisofs …`: takes the place of genisoimage in nova's `mkisofs_cmd`. Where a service runs, that builds the image, so that
 * it knows the drive; where none does, or it refuses, the image is built here: nova gets its drive in any case.
 */
export function registerMkisofs(program: Command): void {
  program
    .command("mkisofs")
    .description("build an iso9660 image with the arguments that nova passes to mkisofs_cmd")
    .argument("[arguments...]")
    .helpOption(false)
    .allowUnknownOption()
    .passThroughOptions()
    .action(async (argumentList: string[]) => {
      const request = parseMkisofsArguments(argumentList);
      const { output, label, publisher, directory } = request;
      const tree = await directoryTree(directory);
      // genisoimage makes its output as the umask says, and nova's own ownership rules build on that. Nobody asks for its digest.
      const mode = 0o666 & ~process.umask();
      if (await registered(request, tree, mode)) return;
      const time = imageTime(undefined, process.env, () => new Date());
      await writeWithProgress(planIso9660(tree, { label, publisher, time }), output, { mode, digest: false });
    });
}

/** Whether a service built it. gRPC takes longer to load than an image takes to build, so it is loaded only where there is one. */
async function registered(request: MkisofsRequest, tree: FileTree, mode: number): Promise<boolean> {
  const { CONFIGDRIVE_SERVER: server = DEFAULT_SERVER, CONFIGDRIVE_HOST: host } = process.env;
  if (server === "" || (server.startsWith("unix:") && !existsSync(server.slice("unix:".length)))) return false;
  const { buildRegistered } = await import("./registered.js");
  try {
    await buildRegistered(request, tree, { server, host, mode });
    return true;
  } catch (error) {
    process.stderr.write(`the service at ${server} does not know this drive: ${describeFailure(error)}\n`);
    return false;
  }
}
