import { execFile } from "node:child_process";
import { readFile, rm } from "node:fs/promises";
import { promisify } from "node:util";
import { jest } from "@jest/globals";
import { Docker } from "../rigs/docker.js";
import { privateDirectory } from "../rigs/private-directory.js";
import { Scope } from "../rigs/scope.js";
import { until } from "../rigs/wait.js";
import { Machine } from "./machine.js";

const run = promisify(execFile);
// Each step waits for a whole machine, or for another start of the program on it.
jest.setTimeout(600_000);

const scope = new Scope();
let directory: string;
let docker: Docker;
let machine: Machine;
let deb: string;

beforeAll(async () => {
  directory = await privateDirectory("package");
  deb = (await run("packaging/build-deb", [directory], { maxBuffer: 16 << 20 })).stdout.trim();
  docker = await scope.own(Docker.start());
  const image = await docker.onDebian("bookworm", "configdrive-machine", "integration/operate-containers/machine");
  machine = await scope.own(Machine.start(docker, image));
  await until(180_000, "systemd to be up", async () => {
    // It ends with 1 until then, and where a unit of Debian's own does not suit a container.
    const state = await machine.run("systemctl is-system-running || true");
    return /running|degraded/.test(state);
  });
  await machine.bring(deb);
}, 600_000);
afterAll(async () => {
  await scope[Symbol.asyncDispose]();
  await rm(directory, { recursive: true, force: true });
}, 120_000);

test("the quick start works as it stands, on a machine that has never seen the program", async () => {
  const page = await readFile("docs/quick-start.md", "utf8");
  const blocks = [...page.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, block]) => block ?? "");
  expect(blocks).toHaveLength(3);
  const said: string[] = [];
  for (const block of blocks) said.push(await machine.run(block));
  expect(said[1]).toContain("the configuration can be used");
  expect(said[1]).toContain("hypervisor  file");
  expect(said[2]).toMatch(/ATTACHED, sees generation 1/);
  expect(said[2]).toMatch(/user-data/);
  expect(await machine.run("configdrive drive list --project demo")).toBe("");
  const completions = "/usr/share/bash-completion/completions/configdrive";
  expect(await machine.run(`bash -c '. ${completions}; complete -p configdrive'`)).toContain("-F _configdrive");
});

test("the unit runs as a user of its own, without rights, and is ready when systemd says so", async () => {
  const status = await machine.run('cat "/proc/$(systemctl show -P MainPID configdrive)/status"');
  expect(status).toMatch(/^CapEff:\t0+$/m);
  expect(status).toMatch(/^NoNewPrivs:\t1$/m);
  expect(status).toMatch(/^Seccomp:\t2$/m);
  const uid = (await machine.run("id -u configdrive")).trim();
  expect(status).toMatch(new RegExp(`^Uid:\t${uid}\t`, "m"));
  expect(Number(uid)).toBeGreaterThan(0);
  expect(await machine.run("stat -c %a /etc/configdrive/configdrive.conf")).toBe("640\n");
  for (const unit of ["configdrive", "configdrive-agent"]) {
    const analysis = await machine.run(`systemd-analyze security --no-pager ${unit}.service | tail -n 1`);
    expect(Number(/: (\d+\.\d) OK/.exec(analysis)?.[1])).toBeLessThanOrEqual(1.6);
  }
});

test("a reload reads the configuration again", async () => {
  await machine.run("systemctl reload configdrive");
  await until(120_000, "the reload in the journal", async () =>
    (await machine.run("journalctl --unit configdrive --output cat")).includes('"event":"reloaded"'),
  );
});

test("a process that stands still is noticed by the watchdog and started anew, with its drives", async () => {
  const drive = await machine.run("printf x > blob; configdrive drive populate --project demo --blob blob --keep");
  const [id = ""] = drive.split(" ");
  const dropIn = "/etc/systemd/system/configdrive.service.d/watchdog.conf";
  await machine.run(`mkdir -p ${dropIn.replace(/\/[^/]*$/, "")}; printf '[Service]\\nWatchdogSec=30\\n' > ${dropIn}`);
  await machine.run("systemctl daemon-reload; systemctl restart configdrive");
  await machine.run('kill -STOP "$(systemctl show -P MainPID configdrive)"');
  await until(300_000, "the unit to be up again", async () => {
    const shown = await machine.run("systemctl show configdrive --property NRestarts,ActiveState");
    return /NRestarts=[1-9]/.test(shown) && shown.includes("ActiveState=active");
  });
  expect(await machine.run("configdrive drive list --project demo")).toContain(id);
});

test("the way back of docs/upgrade.md works as it stands, and the next start goes forward again", async () => {
  const page = await readFile("docs/upgrade.md", "utf8");
  const blocks = [...page.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, block]) => block ?? "");
  expect(blocks).toHaveLength(1);
  const before = await machine.run("configdrive drive list --project demo");
  expect(await machine.run(blocks[0] ?? "")).toMatch(/^undone {2}\d{4}-/m);
  await machine.run("systemctl start configdrive");
  expect(await machine.run("configdrive drive list --project demo")).toBe(before);
});

test("stopped, it ends in good order; a configuration that cannot be used is not tried again and again", async () => {
  await machine.run("systemctl stop configdrive");
  expect(await machine.run("systemctl show configdrive -P Result")).toBe("success\n");
  expect(await machine.run("journalctl --unit configdrive --output cat")).toContain('"event":"stopped"');
  await machine.run(
    "printf '[DEFAULT]\\ndebug = maybe\\n' >> /etc/configdrive/configdrive.conf; systemctl start configdrive || true",
  );
  expect(await machine.run("systemctl show configdrive --property NRestarts,ExecMainStatus")).toBe(
    "NRestarts=0\nExecMainStatus=78\n",
  );
});

test("removed, it leaves the drives", async () => {
  await machine.run("dpkg --purge configdrive");
  expect(await machine.run("ls /usr/bin/configdrive* /usr/lib/configdrive 2>/dev/null || true")).toBe("");
  expect(await machine.run("ls /var/lib/configdrive")).toContain("catalog.sqlite");
});

describe("the container image", () => {
  let image: string;
  beforeAll(async () => {
    image = await docker.build(directory, "packaging/container/Dockerfile", "configdrive:test", {
      BASE: "debian:bookworm-slim",
    });
  });
  afterAll(async () => {
    await docker?.command("image", "rm", "--force", image);
  });

  test("runs without root, without rights, on a file system that it cannot write, and ends when told", async () => {
    const options = ["--read-only", "--cap-drop", "ALL", "--security-opt", "no-new-privileges"];
    const name = `configdrive-container-${process.pid}`;
    await docker.command("run", "--detach", "--name", name, ...options, image);
    try {
      const inside = (...command: string[]) => docker.command("exec", name, ...command);
      await until(300_000, "the service to answer", async () => {
        return await inside("configdrive", "drive", "capabilities", "--timeout", "5").catch(() => false as const);
      });
      expect(await inside("id", "-u")).toBe("42480\n");
      const made = await inside("configdrive", "drive", "populate", "--project", "p", "--blob", "/etc/hostname");
      expect(made).toContain("AVAILABLE");
      await docker.command("stop", "-t", "120", name);
      expect(await docker.command("inspect", "--format", "{{.State.ExitCode}}", name)).toBe("0\n");
    } finally {
      await docker.command("rm", "--force", "--volumes", name);
    }
  });

  test("is not much more than Debian and Node.js", async () => {
    const sizeOf = async (what: string) => Number(await docker.command("inspect", "--format", "{{.Size}}", what));
    const added = (await sizeOf(image)) - (await sizeOf("debian:bookworm-slim"));
    expect(added).toBeLessThan(220e6);
  });
});
