import { execFile } from "node:child_process";
import { createHash, randomUUID } from "node:crypto";
import { chmod, copyFile, mkdir, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { Child } from "./child.js";
import { privateDirectory } from "./private-directory.js";
import { standStill } from "./stand-still.js";
import { until } from "./wait.js";

const run = promisify(execFile);
const CALL_MS = 60_000;
/** Where the suite's containers see drives. */
const DRIVES = "/mnt/configdrive";
const PROGRAMS = ["sh", "init", "find", "sha256sum", "sleep", "mkdir", "mount"];

const PRESEED = `
storage_pools: [{ name: default, driver: dir }]
profiles: [{ name: default, devices: { root: { type: disk, path: /, pool: default } } }]
`;

/** liblxc keeps a lock for each container, wherever LXD stands, and leaves it there. */
const OWN_LOCKS = 'mkdir -p /run/lxc && mount -t tmpfs lxc /run/lxc && exec lxd "$@"';

/**
 * A real LXD of a test's own, with containers that are busybox and nothing else. It has process ids and mounts of its own, so that
 * containers end with it, whatever happens to us.
 */
export class Lxd implements AsyncDisposable {
  private constructor(
    readonly directory: string,
    private readonly process: Child,
  ) {}

  static async start(): Promise<Lxd> {
    const directory = await privateDirectory("lxd");
    let child: Child | undefined;
    try {
      await chmod(directory, 0o711);
      await mkdir(join(directory, "d"), { mode: 0o711 });
      const own = ["--mount", "--propagation", "private", "--pid", "--fork", "--kill-child=KILL", "--mount-proc"];
      child = await Child.start("unshare", [...own, "--", "sh", "-c", OWN_LOCKS, "lxd", "--group", "root"], {
        log: join(directory, "lxd.log"),
        env: { ...process.env, LXD_DIR: join(directory, "d") },
      });
      const daemon = child;
      const lxd = new Lxd(directory, daemon);
      await until(CALL_MS, "LXD to answer", async () => {
        daemon.assertRunning();
        return await lxd.lxc("query", "/1.0").catch(() => undefined);
      });
      await lxd.#prepare();
      return lxd;
    } catch (error) {
      await child?.stop("SIGKILL");
      await rm(directory, { recursive: true, force: true });
      throw error;
    }
  }

  /** Where it answers. */
  get socket(): string {
    return join(this.directory, "d/unix.socket");
  }

  /** Where an adapter may lay out drives. */
  get trees(): string {
    return join(this.directory, "trees");
  }

  /** Where its containers see a drive. */
  get mountPath(): string {
    return `${DRIVES}/{drive_id}`;
  }

  async version(): Promise<string> {
    const server: unknown = JSON.parse(await this.lxc("query", "/1.0"));
    const text = JSON.stringify(server);
    return /"server_version":"([^"]+)"/.exec(text)?.[1] ?? "unknown";
  }

  /** One command of LXD's own client. */
  async lxc(...args: readonly string[]): Promise<string> {
    const env = { ...process.env, LXD_DIR: join(this.directory, "d"), LXD_CONF: join(this.directory, "client") };
    const running = run("lxc", args, { env, timeout: CALL_MS });
    // `lxc init` reads a configuration there until its end.
    running.child.stdin?.end();
    return (await running).stdout;
  }

  /** Makes a container; it is stopped. */
  async container(): Promise<LxdContainer> {
    const name = `c-${randomUUID()}`;
    await this.lxc("init", "busybox", name);
    return new LxdContainer(this, name);
  }

  /** Lets the daemon stand still until this is disposed; containers go on. */
  async hang(): Promise<AsyncDisposable> {
    const { pid } = this.process;
    const [daemon] = (await readFile(`/proc/${pid}/task/${pid}/children`, "utf8")).trim().split(" ").map(Number);
    if (daemon === undefined) throw new Error("LXD does not run");
    return await standStill(daemon);
  }

  /** What stands where drives are laid out. */
  async kept(): Promise<readonly string[]> {
    return await readdir(this.trees).catch(() => []);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.process.stop("SIGKILL");
    await rm(this.directory, { recursive: true, force: true });
  }

  async #prepare(): Promise<void> {
    const image = join(this.directory, "image");
    const root = join(image, "rootfs");
    for (const folder of ["bin", "sbin", "dev", "proc", "sys", "etc", "root", "tmp", "var", "run", "mnt"]) {
      await mkdir(join(root, folder), { recursive: true });
    }
    await copyFile("/bin/busybox", join(root, "bin/busybox"));
    for (const program of PROGRAMS) await symlink("busybox", join(root, "bin", program));
    await symlink("../bin/busybox", join(root, "sbin/init"));
    await writeFile(join(root, "etc/inittab"), "::sysinit:/bin/busybox true\n");
    await writeFile(
      join(image, "metadata.yaml"),
      "architecture: x86_64\ncreation_date: 1\nproperties:\n  description: busybox\n",
    );
    const archive = join(this.directory, "image.tar");
    await run("tar", ["cf", archive, "-C", image, "metadata.yaml", "rootfs"]);
    const preseeded = execFile("lxd", ["init", "--preseed"], {
      env: { ...process.env, LXD_DIR: join(this.directory, "d") },
    });
    preseeded.stdin?.end(PRESEED);
    await new Promise<void>((resolve, reject) =>
      preseeded.once("error", reject).once("exit", (code) => {
        if (code === 0) resolve();
        else reject(new Error(`lxd init ended with ${code}`));
      }),
    );
    await this.lxc("image", "import", archive, "--alias", "busybox");
  }
}

/** A container of it. */
export class LxdContainer implements AsyncDisposable {
  constructor(
    private readonly lxd: Lxd,
    readonly name: string,
  ) {}

  async start(): Promise<void> {
    await this.lxd.lxc("start", this.name);
  }

  /** Waits until a program runs in it. */
  async booted(): Promise<void> {
    await until(CALL_MS, `${this.name} to run programs`, () =>
      this.lxd.lxc("exec", this.name, "--", "/bin/sh", "-c", "exit 0").then(
        () => true,
        () => undefined,
      ),
    );
  }

  async powerOff(): Promise<void> {
    await this.lxd.lxc("stop", "--force", this.name);
  }

  /** What it reads: `DRIVE/path` and the SHA-256 of each file of its drives. */
  async files(): Promise<readonly string[]> {
    const command = `[ -d ${DRIVES} ] || exit 0; cd ${DRIVES} && find . -type f -exec sha256sum {} +`;
    const told = await this.lxd.lxc("exec", this.name, "--", "/bin/sh", "-c", command);
    return told
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => `${line.slice(66).replace("./", "")} ${line.slice(0, 64)}`)
      .sort();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.lxd.lxc("delete", "--force", this.name);
  }
}

/** What a container should read of an image, unpacked by libarchive; a blob is one file. */
export async function expectedFiles(
  image: { readonly driveId: string; readonly path: string; readonly format: string },
  scratch: string,
): Promise<readonly string[]> {
  const digest = async (path: string) =>
    createHash("sha256")
      .update(await readFile(path))
      .digest("hex");
  if (image.format === "raw") return [`${image.driveId}/volume.img ${await digest(image.path)}`];
  const folder = join(scratch, randomUUID());
  await mkdir(folder);
  try {
    await run("bsdtar", ["-x", "-f", image.path, "-C", folder]);
    const found = await readdir(folder, { recursive: true, withFileTypes: true });
    const files = found.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
    return await Promise.all(
      files.map(async (file) => `${image.driveId}/${file.slice(folder.length + 1)} ${await digest(file)}`),
    );
  } finally {
    await run("rm", ["-rf", folder]);
  }
}
