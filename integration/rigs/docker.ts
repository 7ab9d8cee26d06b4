import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { Child } from "./child.js";
import { privateDirectory } from "./private-directory.js";
import { until } from "./wait.js";

const run = promisify(execFile);

/**
 * Docker for a suite: the daemon that runs on this machine, or one of our own, started here and stopped again. Base images are made
 * from Debian's mirror, since a machine need not reach an image registry.
 */
export class Docker implements AsyncDisposable {
  private constructor(
    private readonly daemon: Child | undefined,
    private readonly directory: string | undefined,
  ) {}

  static async start(): Promise<Docker> {
    if (await answers()) return new Docker(undefined, undefined);
    const directory = await privateDirectory("docker");
    const daemon = await Child.start("dockerd", [], { log: join(directory, "log") });
    const docker = new Docker(daemon, directory);
    try {
      await until(60_000, "dockerd to answer", () => {
        daemon.assertRunning();
        return answers();
      });
      return docker;
    } catch (error) {
      await docker[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Makes `debian:<suite>-slim` where it is missing: a minimal Debian with apt, by mmdebstrap. */
  async debian(suite: "bookworm" | "trixie"): Promise<void> {
    const image = `debian:${suite}-slim`;
    if (
      await run("docker", ["image", "inspect", image]).then(
        () => true,
        () => false,
      )
    )
      return;
    const system = spawn("mmdebstrap", ["--variant=apt", "--quiet", suite, "-"], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const load = spawn("docker", ["import", "-", image], { stdio: [system.stdout, "ignore", "inherit"] });
    const codes = await Promise.all([once(system, "exit"), once(load, "exit")]);
    if (codes.some(([code]) => code !== 0))
      throw new Error(`${image} could not be made (mmdebstrap ${codes[0]}, docker import ${codes[1]})`);
  }

  /** Builds an image from a folder. Layers that did not change are taken from the last time. */
  async build(context: string, dockerfile: string, tag: string): Promise<void> {
    const args = ["build", "--quiet", "--network", "host", "--file", dockerfile, "--tag", tag, context];
    await run("docker", args, { env: { ...process.env, DOCKER_BUILDKIT: "0" }, maxBuffer: 64 << 20 });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.daemon?.stop("SIGTERM", 30_000);
    if (this.directory !== undefined) await rm(this.directory, { recursive: true, force: true });
  }
}

function answers(): Promise<boolean> {
  return run("docker", ["info"]).then(
    () => true,
    () => false,
  );
}
