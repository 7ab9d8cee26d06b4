import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import protobuf from "protobufjs";

const require = createRequire(import.meta.url);

/**
 * The package's `proto/` directory: the nearest one above this module, which stands in `src/api` under jest and in
 * `dist/src/api` once built.
 */
export function protoDirectory(): string {
  for (let directory = import.meta.dirname; ; directory = dirname(directory)) {
    const proto = join(directory, "proto");
    if (existsSync(join(proto, "configdrive"))) return proto;
    if (directory === dirname(directory)) throw new Error(`no proto/ directory above ${import.meta.dirname}`);
  }
}

/** The files that define services; the rest comes in by their imports. */
export const SERVICE_FILES = ["configdrive/v1/drive_service.proto", "configdrive/v1/instance_service.proto"];

/** Parses the contract, or other files of `proto/`, with its custom options, names kept as they are written. */
export function parseContract(files: readonly string[] = SERVICE_FILES): protobuf.Root {
  const root = new protobuf.Root();
  const own = protoDirectory();
  const wellKnown = dirname(require.resolve("protobufjs/package.json"));
  // Every path is given relative to an include directory, so the importing file does not matter.
  root.resolvePath = (_importer, path) =>
    join(path.startsWith("google/protobuf/") ? wellKnown : own, path.startsWith(own) ? path.slice(own.length) : path);
  root.loadSync([...files], { keepCase: true });
  root.resolveAll();
  return root;
}
