import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { Child } from "./child.js";
import { privateDirectory } from "./private-directory.js";
import { until } from "./wait.js";

const run = promisify(execFile);

/** A release of Debian that images are made from. */
export type DebianRelease = "bookworm" | "trixie";

/**
 * Docker for a suite: the daemon that runs on this machine, or one of our own, started here and stopped again. Base images are made
 * from Debian's mirror, since a machine need not reach an image registry; images and layers stay for the next run.
 */
export class Docker implements AsyncDisposable {
  private constructor(
    private readonly daemon: Child | undefined,
    private readonly directory: string | undefined,
  ) {}

  static async start(): Promise<Docker> {
    // Testcontainers' helper that tidies up would come from a registry; we stop what we start.
    process.env.TESTCONTAINERS_RYUK_DISABLED = "true";
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

  /** Runs a command of Docker's client and gives what it printed; throws with its error output when it fails. */
  async command(...args: string[]): Promise<string> {
    const environment = { ...process.env, DOCKER_BUILDKIT: "0" };
    return (await run("docker", args, { env: environment, maxBuffer: 64 << 20 })).stdout;
  }

  /** Makes `debian:<release>-slim` where it is missing: a minimal Debian with apt, by mmdebstrap. */
  async debian(release: DebianRelease): Promise<void> {
    const image = `debian:${release}-slim`;
    if (
      await this.command("image", "inspect", image).then(
        () => true,
        () => false,
      )
    )
      return;
    const system = spawn("mmdebstrap", ["--variant=apt", "--quiet", release, "-"], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const load = spawn("docker", ["import", "-", image], { stdio: [system.stdout, "ignore", "inherit"] });
    const codes = await Promise.all([once(system, "exit"), once(load, "exit")]);
    if (codes.some(([code]) => code !== 0))
      throw new Error(`${image} could not be made (mmdebstrap ${codes[0]}, docker import ${codes[1]})`);
  }

  /**
   * Builds an image from a folder. Layers that did not change are taken from the last time.
   *
   * @param values of the Dockerfile's `ARG`s
   * @returns the image's id, which stays with it whoever else builds under the same tag
   */
  async build(
    context: string,
    dockerfile: string,
    tag: string,
    values: Readonly<Record<string, string>> = {},
  ): Promise<string> {
    const pairs = Object.entries(values).flatMap(([name, value]) => ["--build-arg", `${name}=${value}`]);
    const args = ["--quiet", "--network", "host", ...pairs, "--file", dockerfile, "--tag", tag];
    return (await this.command("build", ...args, context)).trim();
  }

  /**
   * Builds `<name>:<release>` from a folder whose Dockerfile begins with `ARG BASE` and `FROM ${BASE}`.
   *
   * @returns the image's id
   */
  async onDebian(release: DebianRelease, name: string, context: string): Promise<string> {
    await this.debian(release);
    const tag = `${name}:${release}`;
    return this.build(context, join(context, "Dockerfile"), tag, { BASE: `debian:${release}-slim` });
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
