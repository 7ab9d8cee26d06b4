import { randomUUID } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { join, resolve } from "node:path";
import { pipeline } from "node:stream";
import { z } from "zod";
import { makeCertificates } from "./certificates.js";
import { BASIC, Ironic } from "./ironic.js";
import { installIronic, programOf, versionOf } from "./ironic-environment.js";
import type { IronicKind } from "./ironic-kind.js";
import { privateDirectory } from "./private-directory.js";
import { RedfishBmcs } from "./redfish-bmcs.js";
import { Scope } from "./scope.js";
import { until } from "./wait.js";

const CALL_MS = 60_000;
/** As many machines as there are; each node takes one, and gives it back. */
const MACHINES = 12;
/** What redfish hardware does without. */
const NONE = ["bios", "console", "firmware", "inspect", "raid", "rescue", "vendor"];

const nodeForm = z.object({
  uuid: z.uuid(),
  provision_state: z.string(),
  power_state: z.string().nullable(),
  last_error: z.string().nullish(),
});

/**
 * The Ironic of Debian 13 (OpenStack 2025.1), from PyPI, with nodes of redfish hardware: their BMCs are those of sushy-tools' emulator, of
 * which each downloads the medium that is inserted. The conductor's own web server, from which BMCs read, is here.
 */
export class RedfishIronic implements AsyncDisposable {
  private constructor(
    private readonly scope: Scope,
    readonly ironic: Ironic,
    readonly bmcs: RedfishBmcs,
    private readonly directory: string,
    /** Where the conductor's web server is. */
    private readonly web: string,
    /** Machines that no node has. */
    private readonly free: string[],
  ) {}

  static async start(): Promise<RedfishIronic> {
    await installIronic();
    const scope = new Scope();
    try {
      const directory = await privateDirectory("redfish");
      atEnd(scope, () => rm(directory, { recursive: true, force: true }));
      for (const name of ["web", "bmc"]) await mkdir(join(directory, name));
      const machines = Array.from({ length: MACHINES }, () => randomUUID());
      const web = await serve(join(directory, "web"), scope);
      const bmcs = await scope.own(RedfishBmcs.start(join(directory, "bmc"), machines));
      const own = await privateDirectory("ironic");
      const certificates = await makeCertificates(own);
      const kind = kindOf(join(directory, "web"), web, certificates.authority);
      const ironic = await scope.own(Ironic.startIn(own, certificates, BASIC, kind));
      return new RedfishIronic(scope, ironic, bmcs, directory, web, machines);
    } catch (error) {
      await scope[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Makes a node that is deployed, with an instance, as operators take over machines that are (`adopt`). */
  async node(driver: "redfish" | "fake-hardware" = "redfish"): Promise<RedfishNode> {
    const machine = this.free.shift();
    if (machine === undefined) throw new Error("every machine has a node");
    const driver_info = this.bmcs.driverInfo(machine);
    const instance_info = { image_source: "http://127.0.0.1/image", image_type: "whole-disk", image_checksum: "0" };
    const made = await this.ironic.call("POST", "/v1/nodes", { driver, driver_info, instance_info });
    const node = new RedfishNode(this, nodeForm.parse(made).uuid, randomUUID(), machine);
    await node.provision("manage", "manageable");
    await node.change({ op: "add", path: "/instance_uuid", value: node.id });
    await node.provision("adopt", "active");
    return node;
  }

  /** Takes back a machine whose node is gone, with its CD drives empty. */
  async release(machine: string): Promise<void> {
    await this.bmcs.empty(machine);
    this.free.push(machine);
  }

  /** Puts a file where BMCs can read it. Gives its address. */
  async publish(name: string, bytes: Buffer): Promise<string> {
    await writeFile(join(this.directory, "web", name), bytes);
    return `${this.web}/${name}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.scope[Symbol.asyncDispose]();
  }
}

/** A node of it, with an instance. */
export class RedfishNode implements AsyncDisposable {
  constructor(
    private readonly rig: RedfishIronic,
    readonly uuid: string,
    /** Its instance's UUID. */
    readonly id: string,
    readonly machine: string,
  ) {}

  /** Has Ironic bring the node into a state, and waits for that. */
  async provision(target: string, state: string): Promise<void> {
    await this.rig.ironic.call("PUT", `/v1/nodes/${this.uuid}/states/provision`, { target });
    let last = "";
    const comes = until(CALL_MS, `node ${this.uuid} to be ${state}`, async () => {
      const look = await this.look();
      last = `${look.provision_state}: ${look.last_error}`;
      return look.provision_state === state;
    });
    await comes.catch((error: unknown) => {
      throw new Error(`${error}; it is ${last}`);
    });
  }

  /** Changes its description (JSON Patch). */
  async change(...operations: readonly object[]): Promise<void> {
    await this.rig.ironic.call("PATCH", `/v1/nodes/${this.uuid}`, operations);
  }

  /** Switches it on or off, and waits for that: a BMC takes up to eleven seconds. */
  async power(target: "power on" | "power off"): Promise<void> {
    await this.rig.ironic.call("PUT", `/v1/nodes/${this.uuid}/states/power`, { target });
    await until(CALL_MS, `node ${this.uuid} to ${target}`, async () => (await this.look()).power_state === target);
  }

  async extra(): Promise<Readonly<Record<string, unknown>>> {
    const form = z.object({ extra: z.record(z.string(), z.unknown()) });
    return form.parse(await this.rig.ironic.call("GET", `/v1/nodes/${this.uuid}`)).extra;
  }

  /** The SHA-256 of what is in the machine's CD drive, by the bytes that its BMC has; `undefined` where nothing is inserted. */
  async reads(): Promise<string | undefined> {
    return await this.rig.bmcs.reads(this.machine);
  }

  /** Takes the instance from the node, and nothing else: whatever is inserted stays. */
  async forget(): Promise<void> {
    await this.change({ op: "replace", path: "/maintenance", value: true });
    await this.change({ op: "remove", path: "/instance_uuid" });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.forget();
    await this.rig.ironic.call("DELETE", `/v1/nodes/${this.uuid}`);
    await this.rig.release(this.machine);
  }

  private async look(): Promise<z.infer<typeof nodeForm>> {
    return nodeForm.parse(await this.rig.ironic.call("GET", `/v1/nodes/${this.uuid}`));
  }
}

function kindOf(root: string, url: string, authority: string): IronicKind {
  return {
    python: programOf("python"),
    hardware: [
      // Fake hardware is what has no virtual media.
      ...["enabled_hardware_types = redfish,fake-hardware", "enabled_management_interfaces = redfish,fake"],
      ...["enabled_power_interfaces = redfish,fake", "enabled_boot_interfaces = redfish-virtual-media,fake"],
      ...["enabled_deploy_interfaces = direct,fake", `webserver_verify_ca = ${authority}`],
      ...NONE.map((name) => `enabled_${name}_interfaces = no-${name}`),
    ],
    // Without a folder for it the conductor keeps no copy of what it fetched.
    groups: ["[deploy]", `http_root = ${root}`, `http_url = ${url}`, "iso_master_path ="],
    version: () => versionOf("ironic"),
  };
}

/** Serves a folder as a conductor's web server does. */
async function serve(root: string, scope: Scope): Promise<string> {
  const server: Server = createServer((request, response) => {
    const file = createReadStream(join(root, resolve("/", request.url ?? "")));
    file.once("open", () => pipeline(file, response, () => undefined));
    file.once("error", () => void response.writeHead(404).end());
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  atEnd(scope, async () => {
    const closed = new Promise((done) => server.close(done));
    server.closeAllConnections();
    await closed;
  });
  const address = server.address();
  return `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`;
}

function atEnd(scope: Scope, stop: () => Promise<void>): void {
  void scope.own(Promise.resolve({ [Symbol.asyncDispose]: stop }));
}
