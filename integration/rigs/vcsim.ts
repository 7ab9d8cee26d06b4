import { execFile } from "node:child_process";
import { createHash, randomUUID, X509Certificate } from "node:crypto";
import { access, mkdir, readdir, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import type { VsphereOptions } from "#adapters/vsphere/adapter.js";
import { Line } from "#adapters/vsphere/endpoint.js";
import { retrieveOne } from "#adapters/vsphere/properties.js";
import { Session } from "#adapters/vsphere/session.js";
import { runTask } from "#adapters/vsphere/task.js";
import {
  childOf,
  element,
  elementsOf,
  envelope,
  type Reference,
  reference,
  referenceIn,
  textOf,
} from "#adapters/vsphere/vim.js";
import { type Certificates, makeCertificates } from "./certificates.js";
import { Child } from "./child.js";
import { freePort } from "./ports.js";
import { privateDirectory } from "./private-directory.js";
import { standStill } from "./stand-still.js";
import { within } from "./wait.js";

const run = promisify(execFile);
const SOURCE = "integration/rigs/vcsim";
const [USER, PASSWORD] = ["configdrive", "the-right-one"];
const CALL_MS = 60_000;

/** Debian's Go libraries stand in a GOPATH, without modules: nothing is fetched. */
const GO = { GO111MODULE: "off", GOPATH: "/usr/share/gocode", GOFLAGS: "", GOTOOLCHAIN: "local" };

/** What an adapter is told of the vCenter, save for its patience. */
export type VcsimReach = Omit<VsphereOptions, "answerMs" | "taskMs">;

/** A vCenter of a test's own: govmomi's simulator (rigs/vcsim/main.go) over TLS, with machines that have no guest. */
export class Vcsim implements AsyncDisposable {
  private constructor(
    readonly directory: string,
    readonly certificates: Certificates,
    private readonly process: Child,
    private readonly session: Session,
    private readonly port: number,
  ) {}

  /** @param idleMs - after which a session ends; 0: never */
  static async start({ idleMs = 0 } = {}): Promise<Vcsim> {
    const program = await buildVcsim();
    const directory = await privateDirectory("vcsim");
    let child: Child | undefined;
    try {
      const certificates = await makeCertificates(directory);
      const { certificate, key } = certificates.server;
      const port = await freePort();
      child = await Child.start(program, [String(port), certificate, key, USER, PASSWORD, String(idleMs)], {
        log: join(directory, "vcsim.log"),
        // Its datastores are folders of TMPDIR.
        env: { ...process.env, TMPDIR: directory },
        piped: true,
      });
      if ((await child.lines.next()) !== "serving") child.assertRunning();
      const endpoint = { host: "127.0.0.1", port, caFile: certificates.authority };
      const session = new Session(new Line(endpoint), { user: USER, password: { reveal: () => PASSWORD } }, CALL_MS);
      return new Vcsim(directory, certificates, child, session, port);
    } catch (error) {
      await child?.stop();
      await rm(directory, { recursive: true, force: true });
      throw error;
    }
  }

  /** As an adapter reaches it. */
  get reach(): VcsimReach {
    return {
      ...{ host: "127.0.0.1", port: this.port, caFile: this.certificates.authority },
      ...{ user: USER, password: { reveal: () => PASSWORD } },
      ...{ datacenter: "DC0", datastore: "LocalDS_0", newId: randomUUID },
    };
  }

  /** The version of the simulator's library, as Debian counts it. */
  async version(): Promise<string> {
    const { stdout } = await run("dpkg-query", ["-W", "golang-github-vmware-govmomi-dev"]);
    return stdout.split("\t")[1]?.replace(/-.*\s*/, "") ?? "";
  }

  /** Lets it do something (rigs/vcsim/main.go). */
  async tell(...words: readonly (string | number)[]): Promise<void> {
    this.process.lines.send(words.join(" "));
    await within(CALL_MS, `vcsim to do ${words.join(" ")}`, this.process.lines.next());
  }

  /** Lets it stand still until this is disposed. */
  async hang(): Promise<AsyncDisposable> {
    return await standStill(this.process.pid);
  }

  /** What stands in the drives' folder of the datastore. */
  async kept(): Promise<readonly string[]> {
    const names = await readdir(join(await this.#datastore(), "configdrive"), { recursive: true }).catch(() => []);
    return names.sort();
  }

  /** Makes a machine with IDE and, where asked for, an AHCI controller; it is off. */
  async machine({ sata = true } = {}): Promise<VcsimMachine> {
    const id = randomUUID();
    const ahci =
      '<deviceChange xsi:type="VirtualDeviceConfigSpec"><operation>add</operation><device xsi:type="VirtualAHCIController"><key>-101</key><controllerKey>100</controllerKey><busNumber>0</busNumber></device></deviceChange>';
    const config =
      element("name", id) +
      element("instanceUuid", id) +
      element("guestId", "otherGuest") +
      `<files>${element("vmPathName", "[LocalDS_0]")}</files>` +
      (sata ? ahci : "");
    const pool = await this.#find("DC0/host/DC0_C0/Resources");
    const body = `<config>${config}</config>${reference("pool", pool)}`;
    await this.task("CreateVM_Task", await this.#find("DC0/vm"), body);
    return new VcsimMachine(this, id, await this.#find(`DC0/vm/${id}`));
  }

  /** Its certificate. */
  async certificate(): Promise<X509Certificate> {
    return new X509Certificate(await readFile(this.certificates.server.certificate));
  }

  /** A session of nobody's: whether it lives tells of others as old as it. */
  async login(): Promise<{ lives(): Promise<boolean> }> {
    const line = new Line({ host: "127.0.0.1", port: this.port, caFile: this.certificates.authority });
    const post = async (method: string, target: string, body: string, headers: Record<string, string>) => {
      const text = envelope(method, { type: target, value: target }, body);
      const exchange = { method: "POST", path: "/sdk", headers, body: text } as const;
      return await line.send(exchange, AbortSignal.timeout(CALL_MS));
    };
    const who = element("userName", USER) + element("password", PASSWORD);
    const { cookies } = await post("Login", "SessionManager", who, {});
    const cookie = cookies[0]?.split(";")[0] ?? "";
    await line.close();
    return {
      lives: async () => {
        const { text } = await post("CurrentTime", "ServiceInstance", "", { cookie });
        await line.close();
        return !text.includes("NotAuthenticated");
      },
    };
  }

  /** Runs one of vCenter's tasks to its end. */
  async task(method: string, target: Reference, body = ""): Promise<void> {
    await runTask(this.session, CALL_MS, [method, target, body, AbortSignal.timeout(CALL_MS)]);
  }

  /** The files that the machine's connected CD-ROMs show, below the datastore. */
  async shown(machine: Reference): Promise<readonly string[]> {
    const path = "config.hardware.device";
    const found = await retrieveOne(this.session, machine, [path], AbortSignal.timeout(CALL_MS));
    const devices = found.get(path);
    return (devices === undefined ? [] : elementsOf(devices)).flatMap((device) => {
      const file = textOf(childOf(device, "backing"), "fileName");
      const connected = textOf(childOf(device, "connectable"), "connected") === "true";
      return connected && file.endsWith(".iso") ? [file.replace("[LocalDS_0] ", "")] : [];
    });
  }

  /** The machine's properties whose keys begin with one of these; a key counts by its last value, and an empty one as not there. */
  async options(machine: Reference, prefixes: readonly string[]): Promise<Readonly<Record<string, string>>> {
    const path = "config.extraConfig";
    const found = await retrieveOne(this.session, machine, [path], AbortSignal.timeout(CALL_MS));
    const all = found.get(path);
    const values = new Map(
      (all === undefined ? [] : elementsOf(all)).map((one) => [textOf(one, "key"), textOf(one, "value")]),
    );
    const asked = [...values].filter(
      ([key, value]) => value !== "" && prefixes.some((prefix) => key.startsWith(prefix)),
    );
    return Object.fromEntries(asked);
  }

  /** The SHA-256 of a file of the datastore. */
  async sha256(file: string): Promise<string> {
    const bytes = await readFile(join(await this.#datastore(), file));
    return createHash("sha256").update(bytes).digest("hex");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.session.close();
    await this.process.stop("SIGKILL");
    await rm(this.directory, { recursive: true });
  }

  async #datastore(): Promise<string> {
    const names = await readdir(this.directory);
    return join(this.directory, names.find((name) => name.includes("LocalDS_0")) ?? "none");
  }

  async #find(path: string): Promise<Reference> {
    const body = element("inventoryPath", path);
    const signal = AbortSignal.timeout(CALL_MS);
    const answer = await this.session.call("FindByInventoryPath", ({ search }) => search, body, signal);
    const found = referenceIn(childOf(answer, "returnval"));
    if (found === undefined) throw new Error(`vcsim has no ${path}`);
    return found;
  }
}

/** A machine of it. */
export class VcsimMachine implements AsyncDisposable {
  #on = false;

  constructor(
    private readonly vcsim: Vcsim,
    /** Its instance UUID. */
    readonly id: string,
    readonly reference: Reference,
  ) {}

  async powerOn(): Promise<void> {
    await this.vcsim.task("PowerOnVM_Task", this.reference);
    this.#on = true;
  }

  async powerOff(): Promise<void> {
    if (this.#on) await this.vcsim.task("PowerOffVM_Task", this.reference);
    this.#on = false;
  }

  /** Its properties whose keys begin with one of these. */
  async options(...prefixes: readonly string[]): Promise<Readonly<Record<string, string>>> {
    return await this.vcsim.options(this.reference, prefixes);
  }

  /** Sets a property, as somebody else may. */
  async setOption(key: string, value: string): Promise<void> {
    const text = `<value xmlns:xsd="http://www.w3.org/2001/XMLSchema" xsi:type="xsd:string">${value}</value>`;
    const option = `<extraConfig xsi:type="OptionValue">${element("key", key)}${text}</extraConfig>`;
    await this.vcsim.task("ReconfigVM_Task", this.reference, `<spec>${option}</spec>`);
  }

  /** The SHA-256 of every medium in it: of the file that its CD-ROM names, for there is no guest that reads. */
  async media(): Promise<readonly string[]> {
    const files = await this.vcsim.shown(this.reference);
    return (await Promise.all(files.map((file) => this.vcsim.sha256(file)))).sort();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.powerOff();
    await this.vcsim.task("Destroy_Task", this.reference);
  }
}

/**
 * Builds the program, once for each state of its source and of Debian's library, and says where it is. That takes half a minute on
 * two idle processors: a suite does it before it starts anything that is waited for.
 */
export async function buildVcsim(): Promise<string> {
  const { stdout: versions } = await run("dpkg-query", ["-W", "golang-go", "golang-github-vmware-govmomi-dev"]);
  const key = createHash("sha256")
    .update(await readFile(`${SOURCE}/main.go`))
    .update(versions)
    .digest("hex");
  const folder = join(process.cwd(), ".cache/vcsim");
  const program = join(folder, key.slice(0, 16));
  if (
    await access(program).then(
      () => true,
      () => false,
    )
  )
    return program;
  await mkdir(folder, { recursive: true });
  const beside = `${program}.${process.pid}`;
  await run("/usr/bin/go", ["build", "-o", beside, "."], {
    cwd: SOURCE,
    env: { ...process.env, ...GO, GOCACHE: join(folder, "go-build") },
  });
  await rename(beside, program);
  return program;
}
