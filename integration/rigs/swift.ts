import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { Child } from "./child.js";
import { freePorts } from "./ports.js";
import { privateDirectory } from "./private-directory.js";
import { until } from "./wait.js";

const run = promisify(execFile);
const LAUNCHER = new URL("./swift/serve.py", import.meta.url).pathname.replace("/dist/integration/", "/integration/");
const PARTITION_POWER = "2";

/**
 * A private OpenStack Swift from Debian's packages, one server of each kind on 127.0.0.1, with version 1 authentication and its
 * S3 API. Works as root and as an ordinary user; /etc/swift is not used.
 */
export class Swift implements AsyncDisposable {
  readonly user = "test:tester";
  readonly region = "us-east-1";

  private constructor(
    private readonly directory: string,
    /** Where the proxy server listens: both APIs. */
    readonly port: number,
    /** Password of the user, and secret key of S3. */
    readonly key: string,
    private readonly servers: Child[],
  ) {}

  /** `http://…` of both APIs. */
  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  get authUrl(): string {
    return `${this.url}/auth/v1.0`;
  }

  /** Makes a cluster and starts it; it stores objects when this ends. */
  static async start(): Promise<Swift> {
    const directory = await privateDirectory("swift");
    const [port = 0, account = 0, container = 0, object = 0, cache = 0] = await freePorts(5);
    const swift = new Swift(directory, port, randomBytes(16).toString("hex"), []);
    try {
      await swift.#configure(directory, { account, container, object }, cache);
      swift.servers.push(await startCache(directory, cache));
      for (const role of ["account", "container", "object", "proxy"]) {
        const args = [LAUNCHER, `${role}-server`, join(directory, `${role}.conf`), directory];
        swift.servers.push(await Child.start("/usr/bin/python3", args, { log: join(directory, `${role}.log`) }));
      }
      await until(30_000, "Swift to store an object", async () => {
        for (const server of swift.servers) server.assertRunning(30);
        return await swift.put("rig", "ready", Buffer.from("ready")).then(
          () => true,
          () => false,
        );
      });
      return swift;
    } catch (error) {
      await swift[Symbol.asyncDispose]();
      throw error;
    }
  }

  async #configure(
    directory: string,
    ports: Readonly<Record<"account" | "container" | "object", number>>,
    cache: number,
  ): Promise<void> {
    await mkdir(join(directory, "devices/d1"), { recursive: true });
    const common = [
      `swift_dir = ${directory}`,
      "bind_ip = 127.0.0.1",
      "workers = 0",
      "log_address =",
      "log_level = WARNING",
    ];
    const suffix = randomBytes(8).toString("hex");
    const policy = "[storage-policy:0]\nname = only\ndefault = yes\n";
    await writeFile(join(directory, "swift.conf"), `[swift-hash]\nswift_hash_path_suffix = ${suffix}\n${policy}`);
    for (const [role, port] of Object.entries(ports)) {
      const own = [`bind_port = ${port}`, `devices = ${join(directory, "devices")}`, "mount_check = false"];
      const pipeline = [
        "[pipeline:main]",
        `pipeline = ${role}-server`,
        `[app:${role}-server]`,
        `use = egg:swift#${role}`,
      ];
      await writeFile(join(directory, `${role}.conf`), `${["[DEFAULT]", ...common, ...own, ...pipeline].join("\n")}\n`);
      const ring = join(directory, `${role}.builder`);
      for (const step of [
        ["create", PARTITION_POWER, "1", "1"],
        ["add", `r1z1-127.0.0.1:${port}/d1`, "1"],
        ["rebalance", "--seed", "1"],
      ]) {
        await run("swift-ring-builder", [ring, ...step]);
      }
    }
    const proxy = [
      "[DEFAULT]",
      ...common,
      `bind_port = ${this.port}`,
      "[pipeline:main]",
      "pipeline = catch_errors cache listing_formats tempurl s3api tempauth slo proxy-server",
      "[app:proxy-server]\nuse = egg:swift#proxy\nallow_account_management = true\naccount_autocreate = true",
      // With one server of each kind, one that is slow on a busy machine must not be taken for a broken one.
      "conn_timeout = 30\nnode_timeout = 60\nrecoverable_node_timeout = 60\nerror_suppression_interval = 0",
      "[filter:catch_errors]\nuse = egg:swift#catch_errors",
      `[filter:cache]\nuse = egg:swift#memcache\nmemcache_servers = 127.0.0.1:${cache}`,
      "[filter:listing_formats]\nuse = egg:swift#listing_formats",
      "[filter:tempurl]\nuse = egg:swift#tempurl",
      "[filter:slo]\nuse = egg:swift#slo",
      `[filter:s3api]\nuse = egg:swift#s3api\nlocation = ${this.region}`,
      `[filter:tempauth]\nuse = egg:swift#tempauth\nuser_${this.user.replace(":", "_")} = ${this.key} .admin`,
    ];
    await writeFile(join(directory, "proxy.conf"), `${proxy.join("\n")}\n`);
  }

  async #authenticate(): Promise<{ token: string; storageUrl: string } | undefined> {
    const headers = { "x-auth-user": this.user, "x-auth-key": this.key };
    const answer = await fetch(this.authUrl, { headers }).catch(() => undefined);
    const token = answer?.headers.get("x-auth-token");
    const storageUrl = answer?.headers.get("x-storage-url");
    return token && storageUrl ? { token, storageUrl } : undefined;
  }

  /** Puts an object, and its container where missing. */
  async put(
    container: string,
    object: string,
    bytes: Uint8Array<ArrayBuffer>,
    headers: Record<string, string> = {},
  ): Promise<void> {
    await this.request("PUT", container);
    await this.request("PUT", `${container}/${object}`, bytes, headers);
  }

  /** Any request to the account with a valid token. Throws for an answer that is no success. */
  async request(
    method: string,
    path: string,
    body?: Uint8Array<ArrayBuffer>,
    headers: Record<string, string> = {},
  ): Promise<Response> {
    const session = await this.#authenticate();
    if (session === undefined) throw new Error("Swift does not authenticate its user");
    const url = `${session.storageUrl}/${path}`;
    const answer = await fetch(url, {
      method,
      headers: { "x-auth-token": session.token, ...headers },
      ...(body === undefined ? {} : { body }),
    });
    if (!answer.ok) throw new Error(`Swift: ${method} ${path}: ${answer.status} ${await answer.text()}`);
    return answer;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.servers.map((server) => server.stop("SIGKILL")));
    await rm(this.directory, { recursive: true, force: true });
  }
}

/** Tokens of version 1 authentication live in memcached, and nowhere else. */
function startCache(directory: string, port: number): Promise<Child> {
  const asUser = process.getuid?.() === 0 ? ["-u", "root"] : [];
  return Child.start("memcached", ["-l", "127.0.0.1", "-p", String(port), "-m", "16", ...asUser], {
    log: join(directory, "cache.log"),
  });
}
