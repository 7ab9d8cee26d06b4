import { execFile } from "node:child_process";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { protoDirectory } from "#api/contract-files.js";
import { Child } from "./child.js";
import { standStill } from "./stand-still.js";

const run = promisify(execFile);
const PROGRAM = join(protoDirectory(), "../integration/backends/folder-adapter/folder_adapter.py");
const FILES = ["configdrive/adapter/v1/adapter.proto", "google/rpc/status.proto", "google/rpc/error_details.proto"];

/** The sample adapter in Python (integration/backends/folder-adapter), with code that Debian's protoc makes for it. */
export class FolderAdapter implements AsyncDisposable {
  private constructor(
    /** Where it listens. */
    readonly target: string,
    private readonly home: string,
    private readonly root: string,
    private process: Child,
  ) {}

  /**
   * Generates its code and starts it.
   * @param home - a folder for its code, log and socket
   * @param root - the folder of the instances
   */
  static async start(home: string, root: string): Promise<FolderAdapter> {
    const code = join(home, "code");
    await mkdir(code);
    await run("protoc", [
      `--proto_path=${protoDirectory()}`,
      `--python_out=${code}`,
      "--plugin=protoc-gen-grpc_python=/usr/bin/grpc_python_plugin",
      `--grpc_python_out=${code}`,
      ...FILES,
    ]);
    const target = `unix:${join(home, "adapter.sock")}`;
    return new FolderAdapter(target, home, root, await serve(home, target, root));
  }

  /** Which gRPC it is made with. */
  async grpcVersion(): Promise<string> {
    return (await run("/usr/bin/python3", ["-c", "import grpc; print(grpc.__version__)"])).stdout.trim();
  }

  /** Ends it as an upgrade would, and starts the next one at the same socket. */
  async restart(): Promise<void> {
    await this.process.stop();
    this.process = await serve(this.home, this.target, this.root);
  }

  /** Ends it, and nobody comes. */
  async stop(): Promise<void> {
    await this.process.stop();
  }

  /** Lets it stand still until this is disposed. */
  async hang(): Promise<AsyncDisposable> {
    return await standStill(this.process.pid);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.process.stop();
  }
}

/** Starts the program and waits until it serves. */
async function serve(home: string, target: string, root: string): Promise<Child> {
  const child = await Child.start("/usr/bin/python3", [PROGRAM, target, root], {
    log: join(home, "adapter.log"),
    env: { ...process.env, PYTHONPATH: join(home, "code"), PYTHONDONTWRITEBYTECODE: "1" },
    piped: true,
  });
  try {
    await child.lines.next();
    child.assertRunning();
    return child;
  } catch (error) {
    await child.stop();
    throw error;
  }
}
