import { execFile } from "node:child_process";
import { chmod, rm } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import type { GenericContainer, StartedTestContainer } from "testcontainers";
import { z } from "zod";
import type { Login } from "#keystone/settings.js";
import { Docker } from "./docker.js";
import { Keystone } from "./keystone.js";
import { NovaCloud } from "./nova-cloud.js";
import type { VolumeAdmin } from "./nova-volumes.js";
import { privateDirectory } from "./private-directory.js";
import { Scope } from "./scope.js";
import { standStill } from "./stand-still.js";
import { until } from "./wait.js";

const DIRECTORY = "integration/rigs/openstack";
/** Cinder's policy file (oslo.policy), read anew when it has changed. */
const POLICY = "/etc/cinder/policy.yaml";
const SHARE = "storage:/volumes";
/** Who an adapter is: nobody but a member of the project whose servers it serves. */
const MEMBER = "configdrive";
const PROJECT = "demo";
/** Who vouches for an adapter: a user with the role `service`. */
const VOUCHER = "bridge";
const SERVICES = "service";

const run = promisify(execFile);
const named = z.object({ id: z.string(), name: z.string() });

/**
 * A real OpenStack: nova, Glance and Cinder of a `NovaCloud` in containers with one compute host, and a real Keystone here, which
 * vouches for every token and has the catalog. Cinder's volumes are files of its own NFS driver.
 */
export class OpenstackCloud implements AsyncDisposable {
  private constructor(
    private readonly scope: Scope,
    readonly keystone: Keystone,
    readonly nova: NovaCloud,
    /** Who makes servers, and looks at what stands there. */
    readonly admin: VolumeAdmin,
  ) {}

  static async start(): Promise<OpenstackCloud> {
    const scope = new Scope();
    try {
      const docker = await scope.own(Docker.start());
      const { path: volumes } = await scope.own(sharedFolder());
      const keystone = await scope.own(Keystone.start(await addressOfHost(docker)));
      const project = await keystone.project(PROJECT);
      const services = await keystone.project(SERVICES);
      await keystone.user("nova", services, ["admin", "service"]);
      await keystone.user(VOUCHER, services, ["service"]);
      await keystone.user("rig", project, ["admin"]);
      await keystone.user(MEMBER, project, ["member"]);
      const admin = { token: await keystone.token("rig", project), project };
      const changed = (plan: GenericContainer, machine: string) => surround(plan, machine, keystone, volumes);
      const nova = await scope.own(
        NovaCloud.start({ release: "bookworm", computes: 1, volumes: true, surroundings: { changed, admin } }),
      );
      await keystone.endpoint("compute", `${nova.api.compute}/v2.1`);
      await keystone.endpoint("image", nova.api.images);
      await keystone.endpoint("block-storage", `${nova.volumes.url}/v3/$(project_id)s`);
      return new OpenstackCloud(scope, keystone, nova, admin);
    } catch (error) {
      await scope[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** The adapter's own login: a member of the project, no admin. */
  member(answerMs: number, password = this.keystone.password): Login {
    return {
      ...{ authUrl: this.keystone.url, username: MEMBER, password, userDomainName: "Default" },
      ...{ projectName: PROJECT, projectDomainName: "Default", answerMs },
    };
  }

  /** The login of who vouches for it. */
  voucher(answerMs: number): Login {
    return { ...this.member(answerMs), username: VOUCHER, projectName: SERVICES };
  }

  /** What runs, with versions: `nova 26.2.2, Cinder 21.3.1, Glance 25.1.0, Keystone 22.0.2`. */
  async versions(): Promise<string> {
    const services = { nova: "nova", cinder: "Cinder", glance: "Glance", keystone: "Keystone" };
    const packageOf = (name: string) => `python3-${name}`;
    const there = ["nova", "cinder", "glance"].map(packageOf);
    const { stdout } = await this.nova.controller.exec(["dpkg-query", "-W", ...there]);
    const { stdout: here } = await run("dpkg-query", ["-W", packageOf("keystone")]);
    const version = (name: string) =>
      new RegExp(`^${packageOf(name)}\\s(?:\\d+:)?([\\d.]+)`, "m").exec(stdout + here)?.[1];
    return Object.entries(services)
      .map(([name, title]) => `${title} ${version(name) ?? "unknown"}`)
      .join(", ");
  }

  /** Lets nova's API stand still until this is disposed; servers go on. */
  async hang(): Promise<AsyncDisposable> {
    const { stdout } = await run("docker", ["top", this.nova.controller.getId(), "-eo", "pid,args"]);
    const pid = /^\s*(\d+)\s+[^ ]*python3 .*nova_controller\.py/m.exec(stdout)?.[1];
    if (pid === undefined) throw new Error(`no nova runs there:\n${stdout}`);
    return await standStill(Number(pid));
  }

  /** Kills nova's API, scheduler and conductor, and all of Cinder, and waits until the next ones serve. Servers go on. */
  async restart(): Promise<void> {
    const { controller, volumes } = this.nova;
    await Promise.all([
      startedAnew(controller, "nova_controller.py", "/var/log/nova/nova-controller.out"),
      startedAnew(volumes.container, "cinder_services.py", "/var/log/cinder/services.out"),
    ]);
    await until(
      180_000,
      "nova and Cinder to answer again",
      async () => (await volumes.isUp()) && (await this.#answers()),
    );
  }

  /** Whether nova's API does, and has its compute host for one that is up. */
  async #answers(): Promise<boolean> {
    return (await this.nova.api.hosts().catch(() => 0)) > 0;
  }

  /** Runs the command of users of OpenStack, logged in as the adapter is, and gives what it printed. */
  async command(...words: readonly string[]): Promise<string> {
    const { authUrl, username, password, userDomainName, projectName, projectDomainName } = this.member(0);
    const env = {
      ...process.env,
      ...{ OS_AUTH_URL: `${authUrl}/v3`, OS_IDENTITY_API_VERSION: "3", OS_USERNAME: username, OS_PASSWORD: password },
      ...{
        OS_USER_DOMAIN_NAME: userDomainName,
        OS_PROJECT_NAME: projectName,
        OS_PROJECT_DOMAIN_NAME: projectDomainName,
      },
    };
    return (await run("openstack", words, { env, timeout: 120_000 })).stdout;
  }

  /** Lets Cinder stand still until this is disposed. */
  async hangCinder(): Promise<AsyncDisposable> {
    const container = this.nova.volumes.container.getId();
    await run("docker", ["pause", container]);
    return { [Symbol.asyncDispose]: async () => void (await run("docker", ["unpause", container])) };
  }

  /** Has Cinder's policy let nobody do something, until this is disposed. */
  async forbid(rule: string): Promise<AsyncDisposable> {
    const write = async (text: string) => {
      const { exitCode, output } = await this.nova.volumes.container.exec(["sh", "-c", `echo '${text}' > ${POLICY}`]);
      if (exitCode !== 0) throw new Error(`${POLICY} could not be written: ${output}`);
    };
    await write(`"${rule}": "!"`);
    return { [Symbol.asyncDispose]: () => write("") };
  }

  /** Lets the project have no more than so much, until this is disposed. */
  async volumeQuota(quota: { readonly volumes: number } | { readonly gigabytes: number }): Promise<AsyncDisposable> {
    const path = `/os-quota-sets/${this.admin.project}`;
    await this.nova.volumes.call("PUT", path, { quota_set: quota });
    return { [Symbol.asyncDispose]: async () => void (await this.nova.volumes.call("DELETE", path)) };
  }

  /** The volumes that are called after a drive, or after any of them. */
  async volumes(driveId?: string): Promise<readonly { readonly id: string; readonly name: string }[]> {
    const { volumes } = z.object({ volumes: z.array(named) }).parse(await this.nova.volumes.call("GET", "/volumes"));
    return ofDrives(volumes, driveId);
  }

  /** The images that are called after a drive, or after any of them. */
  async images(driveId?: string): Promise<readonly { readonly id: string; readonly name: string }[]> {
    const { images } = z.object({ images: z.array(named) }).parse(await this.nova.api.listImages());
    return ofDrives(images, driveId);
  }

  /** The names of all volumes and images that are called after drives. */
  async kept(): Promise<readonly string[]> {
    return [...(await this.volumes()), ...(await this.images())].map(({ name }) => name);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.scope[Symbol.asyncDispose]();
  }
}

function ofDrives<T extends { readonly name: string }>(all: readonly T[], driveId = ""): T[] {
  return all.filter(({ name }) => name.startsWith(`configdrive-${driveId}`));
}

/** Kills a machine's program, has as-nova or as-cinder start it again, and waits until it says that it serves. */
async function startedAnew(machine: StartedTestContainer, program: string, output: string): Promise<void> {
  const shell = async (script: string) => {
    const { exitCode, stdout, output: told } = await machine.exec(["sh", "-c", script]);
    if (exitCode !== 0) throw new Error(`${script}: exit ${exitCode} ${told}`);
    return stdout;
  };
  const times = () => shell(`grep -c ^serving ${output}`);
  const before = await times();
  await shell(`touch /run/again && pkill -KILL -f '^[^ ]*python3 /opt/rig/${program}'`);
  await until(180_000, `${program} to serve again`, async () => (await times()) !== before);
}

/** A folder that QEMU may enter on every machine. */
async function sharedFolder(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await privateDirectory("openstack-volumes");
  await chmod(path, 0o755);
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

/** The address of this machine that every container reaches. */
async function addressOfHost(docker: Docker): Promise<string> {
  const format = "{{(index .IPAM.Config 0).Gateway}}";
  return (await docker.command("network", "inspect", "bridge", "--format", format)).trim();
}

/** Has a machine ask Keystone who a token is, and mount volumes. */
function surround(plan: GenericContainer, machine: string, keystone: Keystone, volumes: string): GenericContainer {
  const asks = { ...logIn("KEYSTONE_AUTHTOKEN", keystone), ...logIn("SERVICE_USER", keystone) };
  const file = (name: string, target: string, mode: number) => ({ source: join(DIRECTORY, name), target, mode });
  plan
    .withEnvironment({
      ...asks,
      ...logIn("CINDER", keystone),
      // The only one that this Keystone's catalog has of itself.
      OS_KEYSTONE_AUTHTOKEN__INTERFACE: "public",
      OS_KEYSTONE_AUTHTOKEN__SERVICE_TOKEN_ROLES_REQUIRED: "true",
      OS_SERVICE_USER__SEND_SERVICE_USER_TOKEN: "true",
      // A guest that does not let go yet is asked again soon.
      OS_LIBVIRT__DEVICE_DETACH_TIMEOUT: "5",
    })
    .withCopyFilesToContainer([file("rig_auth.py", "/opt/rig/rig_auth.py", 0o644)]);
  if (machine === "controller")
    return plan.withCopyFilesToContainer([file("as-nova", "/usr/local/bin/as-nova", 0o755)]);
  plan
    .withBindMounts([{ source: volumes, target: "/srv/volumes", mode: "rw" }])
    .withCopyFilesToContainer([file("mount.nfs", "/usr/sbin/mount.nfs", 0o755)]);
  if (machine === "compute") return plan;
  return plan
    .withAddedCapabilities("SYS_ADMIN")
    .withEnvironment({
      OS_DEFAULT__PROJECT_ID_REGEX: "[0-9a-f]+",
      OS_DEFAULT__ENABLED_BACKENDS: "nfs",
      OS_NFS__VOLUME_DRIVER: "cinder.volume.drivers.nfs.NfsDriver",
      OS_NFS__VOLUME_BACKEND_NAME: "nfs",
      OS_NFS__NFS_SHARES_CONFIG: "/etc/cinder/shares",
      OS_NFS__NAS_SECURE_FILE_OPERATIONS: "true",
      OS_NFS__NAS_SECURE_FILE_PERMISSIONS: "true",
    })
    .withCopyFilesToContainer([file("as-cinder", "/usr/local/bin/as-cinder", 0o755)])
    .withCopyContentToContainer([{ target: "/etc/cinder/shares", content: `${SHARE}\n`, mode: 0o644 }]);
}

/** How one part of a machine's configuration logs the user `nova` in. */
function logIn(group: string, { url, password }: Keystone): Readonly<Record<string, string>> {
  const values = {
    AUTH_TYPE: "password",
    AUTH_URL: `${url}/v3`,
    USERNAME: "nova",
    PASSWORD: password,
    PROJECT_NAME: SERVICES,
    USER_DOMAIN_NAME: "Default",
    PROJECT_DOMAIN_NAME: "Default",
  };
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [`OS_${group}__${name}`, value]));
}
