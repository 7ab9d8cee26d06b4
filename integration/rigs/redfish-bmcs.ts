import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { z } from "zod";
import { Child } from "./child.js";
import { programOf } from "./ironic-environment.js";
import { freePort } from "./ports.js";
import { standStill } from "./stand-still.js";
import { until } from "./wait.js";

const START_MS = 60_000;
const [USER, PASSWORD] = ["bmc", "the-right-one"];
/** The line of that user in a file of htpasswd(1): the emulator takes bcrypt alone. */
const PASSWORD_LINE = `${USER}:$2b$05$dhtkYLD7SjOt2A/vD7Oop.2n0OzQPWOE/1ABmuepyLnmxvQfVAGRK`;
const AUTHORIZATION = { authorization: `Basic ${Buffer.from(`${USER}:${PASSWORD}`).toString("base64")}` };
/** The drives of each machine for virtual media, by the BMC's names. */
const DRIVES = {
  Cd: { Name: "Virtual CD", MediaTypes: ["CD", "DVD"] },
  Second: { Name: "Second virtual CD", MediaTypes: ["CD", "DVD"] },
};
type Drive = keyof typeof DRIVES;
const NAMES: readonly Drive[] = ["Cd", "Second"];

/** What a drive holds, as its BMC tells. */
const mediumForm = z.object({ Image: z.string(), Inserted: z.boolean() });

/** The BMCs of some machines, which ask who calls: sushy-tools' emulator of Redfish, which downloads what is inserted. */
export class RedfishBmcs implements AsyncDisposable {
  private constructor(
    readonly url: string,
    private readonly folder: string,
    private readonly emulator: Child,
  ) {}

  /** Starts them in a folder, which is there; its programs are installed. @param machines - their UUIDs */
  static async start(folder: string, machines: readonly string[]): Promise<RedfishBmcs> {
    for (const name of ["state", "media"]) await mkdir(join(folder, name));
    const port = await freePort();
    const systems = machines.map((uuid) => ({ uuid, name: uuid, power_state: "Off", nics: [] }));
    const lines = [
      ...["SUSHY_EMULATOR_LISTEN_IP = '127.0.0.1'", `SUSHY_EMULATOR_LISTEN_PORT = ${port}`],
      ...["SUSHY_EMULATOR_FAKE_DRIVER = True", `SUSHY_EMULATOR_STATE_DIR = '${join(folder, "state")}'`],
      `SUSHY_EMULATOR_VMEDIA_DEVICES = ${JSON.stringify(DRIVES)}`,
      `SUSHY_EMULATOR_FAKE_SYSTEMS = ${JSON.stringify(systems)}`,
      `SUSHY_EMULATOR_AUTH_FILE = '${join(folder, "htpasswd")}'`,
    ];
    await writeFile(join(folder, "htpasswd"), `${PASSWORD_LINE}\n`, { mode: 0o600 });
    const config = join(folder, "emulator.conf");
    await writeFile(config, `${lines.join("\n")}\n`);
    const emulator = await Child.start(programOf("sushy-emulator"), ["--config", config], {
      log: join(folder, "log"),
      env: { ...process.env, TMPDIR: join(folder, "media"), PYTHONDONTWRITEBYTECODE: "1" },
      cwd: folder,
    });
    const bmcs = new RedfishBmcs(`http://127.0.0.1:${port}`, folder, emulator);
    try {
      await until(START_MS, "the BMCs to answer", async () => {
        emulator.assertRunning();
        return (await fetch(`${bmcs.url}/redfish/v1/`).catch(() => undefined))?.ok === true;
      });
      return bmcs;
    } catch (error) {
      await bmcs[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** How Ironic reaches a machine's BMC: a node's `driver_info`. */
  driverInfo(machine: string): Readonly<Record<string, string>> {
    return {
      ...{ redfish_address: this.url, redfish_system_id: `/redfish/v1/Systems/${machine}` },
      ...{ redfish_username: USER, redfish_password: PASSWORD, redfish_auth_type: "basic" },
    };
  }

  /** Lets them stand still until this is disposed. */
  async hang(): Promise<AsyncDisposable> {
    return await standStill(this.emulator.pid);
  }

  /** What a machine's drive holds, as its BMC tells. */
  async medium(machine: string, drive: Drive = "Cd"): Promise<z.infer<typeof mediumForm>> {
    const answer = await fetch(`${this.url}/redfish/v1/Systems/${machine}/VirtualMedia/${drive}`, {
      headers: AUTHORIZATION,
    });
    return mediumForm.parse(await answer.json());
  }

  /** The SHA-256 of what is in a machine's first CD drive, by the bytes that its BMC has downloaded; `undefined` for nothing. */
  async reads(machine: string): Promise<string | undefined> {
    const { Image, Inserted } = await this.medium(machine);
    if (!Inserted) return undefined;
    const media = join(this.folder, "media");
    const files = (await readdir(media, { recursive: true })).filter((path) => basename(path) === basename(Image));
    const [file, ...others] = files;
    if (file === undefined || others.length > 0) throw new Error(`${files.length} media are called ${Image}`);
    return createHash("sha256")
      .update(await readFile(join(media, file)))
      .digest("hex");
  }

  /** Inserts a medium, as people do at the BMC, past Ironic. */
  async insert(machine: string, image: string, drive: Drive = "Cd"): Promise<void> {
    await this.act(machine, drive, "InsertMedia", { Image: image });
  }

  /** Ejects one in the same way. */
  async eject(machine: string, drive: Drive = "Cd"): Promise<void> {
    await this.act(machine, drive, "EjectMedia", {});
  }

  /** Ejects whatever is in a machine's drives. */
  async empty(machine: string): Promise<void> {
    for (const drive of NAMES) {
      if ((await this.medium(machine, drive)).Inserted) await this.eject(machine, drive);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.emulator.stop("SIGKILL");
  }

  private async act(machine: string, drive: Drive, action: string, body: object): Promise<void> {
    const path = `/redfish/v1/Systems/${machine}/VirtualMedia/${drive}/Actions/VirtualMedia.${action}`;
    const headers = { ...AUTHORIZATION, "content-type": "application/json" };
    const answer = await fetch(this.url + path, { method: "POST", headers, body: JSON.stringify(body) });
    if (!answer.ok) throw new Error(`${action}: ${answer.status} ${await answer.text()}`);
  }
}
