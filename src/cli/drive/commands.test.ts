import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Command } from "commander";
import { FakeDrives } from "#api/fake-drives.js";
import { Policy } from "#api/policy/policy.js";
import { Refusal } from "#drive/refusal.js";
import type { PopulateVolume } from "#drive/use-cases.js";
import { type GrpcDoor, openGrpcDoor } from "#grpc/server.js";
import { privateDirectory } from "#integration/rigs/private-directory.js";
import { PLAIN } from "../screen.js";
import { registerDriveCommands } from "./commands.js";

const DRIVE = "11111111-2222-4333-8444-555555555555";
const REQUEST = "8d1f7e0c-4a53-4b6d-9f39-0d6f1b8a2c11";

let directory: string;
let drives: FakeDrives;
let door: GrpcDoor;

beforeEach(async () => {
  directory = await privateDirectory("cli");
  drives = new FakeDrives(() => DRIVE);
  door = await openGrpcDoor({
    drives,
    policy: new Policy(),
    listen: `unix:${join(directory, "s")}`,
    newRequestId: () => `req-${REQUEST}`,
  });
});
afterEach(async () => {
  await door[Symbol.asyncDispose]();
  await rm(directory, { recursive: true });
});

/** Runs `configdrive drive …` and gives what it printed. */
async function drive(...args: string[]): Promise<string> {
  let printed = "";
  const command = new Command("drive").exitOverride().configureOutput({ writeErr: () => {} });
  registerDriveCommands(command, {
    env: { CONFIGDRIVE_SERVER: door.target, OS_PROJECT_ID: "demo" },
    write: (text) => {
      printed += text;
    },
    screen: PLAIN,
    newRequestId: () => REQUEST,
    now: () => new Date(),
  });
  await command.parseAsync(args, { from: "user" });
  return printed;
}

test("a directory becomes a drive; equal files travel once", async () => {
  const tree = join(directory, "tree");
  await mkdir(join(tree, "openstack"), { recursive: true });
  await writeFile(join(tree, "a"), "same");
  await writeFile(join(tree, "openstack/b"), "same");
  const printed = await drive("populate", "--tree", tree, "--keep", "--when-attached", "stage", "--size", "1M");
  expect(printed).toContain(`${DRIVE}  AVAILABLE`);
  expect(printed).toContain("until it is deleted");
  expect(drives.seen).toMatchObject([
    {
      requestId: REQUEST,
      label: "config-2",
      format: "iso9660",
      sizeBytes: 2 ** 20,
      deleteOnTermination: false,
      whenAttached: "stage",
    },
  ]);
  const { content } = drives.seen[0] as { content: { files: { path: string; data: { kind: string } }[] } };
  expect(content.files.map(({ data }) => data.kind).sort()).toEqual(["content", "same_as"]);
});

test("a blob is the volume; attach, show, list, refresh, detach, delete", async () => {
  await writeFile(join(directory, "blob"), "bytes");
  await drive("populate", "--blob", join(directory, "blob"));
  expect(drives.seen[0]).toMatchObject({ format: "raw", label: "", content: { bytes: Buffer.from("bytes") } });
  const attached = await drive("attach", DRIVE, "vm-1", "--bus", "virtio", "--kind", "disk");
  expect(attached).toContain("instance    vm-1: ATTACHED, sees generation 1");
  expect(attached).toContain("disk on virtio (drive0): asked for");
  expect(await drive("list", "--instance", "vm-1")).toBe(`${DRIVE}  IN_USE  generation 1  vm-1\n`);
  await drive("populate", DRIVE, "--blob", join(directory, "blob"), "--when-attached", "stage");
  expect(await drive("show", DRIVE)).toContain("generation 1; 2 after a refresh or restart");
  expect(await drive("refresh", DRIVE, "--force")).toContain("shows       generation 2");
  expect(JSON.parse(await drive("detach", DRIVE, "--json"))).toMatchObject({
    drive: { project_id: "demo", attachments: [] },
  });
  expect(await drive("delete", DRIVE)).toBe("");
  expect(await drive("list")).toBe("");
});

test("an instance that is gone takes its ephemeral drives with it; what goes and what stays is told", async () => {
  await drives.populate(made, caller);
  await drive("attach", DRIVE, "vm-1");
  expect(await drive("release", "vm-1", "--dry-run")).toBe(`- ${DRIVE}\n`);
  expect(drives.seen.at(-1)).toMatchObject({ instanceId: "vm-1", validateOnly: true });
});

test("every page of a list is asked for", async () => {
  for (let number = 0; number < 120; number++) {
    const id = `${String(number).padStart(8, "0")}-2222-4333-8444-555555555555`;
    drives.drives.set(id, {
      ...{
        id,
        projectId: "demo",
        deleteOnTermination: true,
        writable: false,
        deleting: false,
        revision: 1,
        lastInstanceId: "",
      },
      ...{ generations: [], attachments: [], createdAt: new Date(0), updatedAt: new Date(0) },
    });
  }
  expect((await drive("list")).split("\n")).toHaveLength(121);
});

test("a list is asked for by what its options say, and not by two that contradict each other", async () => {
  await drive("list");
  expect(drives.seen.at(-1)).toMatchObject({ instanceId: "", host: "", attached: undefined });
  await drive("list", "--host", "compute-7", "--attached");
  expect(drives.seen.at(-1)).toMatchObject({ instanceId: "", host: "compute-7", attached: true });
  await drive("list", "--instance", "vm-1", "--unattached");
  expect(drives.seen.at(-1)).toMatchObject({ instanceId: "vm-1", host: "", attached: false });
  const asked = drives.seen.length;
  await expect(drive("list", "--attached", "--unattached")).rejects.toThrow("cannot be used with");
  expect(drives.seen).toHaveLength(asked);
});

test("what the service refuses is told with what to do about it", async () => {
  await expect(drive("show", DRIVE)).rejects.toMatchObject({
    name: "CommandFailure",
    message: `no drive ${DRIVE} (DRIVE_NOT_FOUND)\n  Correct the id; the drive may have gone with its instance.`,
  });
  drives.before = async () => {
    throw new Refusal("DEVICE_LOCKED", "the guest holds the medium");
  };
  await expect(drive("detach", DRIVE)).rejects.toThrow("(DEVICE_LOCKED)\n  Unmount it in the guest");
});

test("a service that is not there is named by its address", async () => {
  const nowhere = `unix:${directory}/none`;
  await expect(drive("list", "--server", nowhere)).rejects.toThrow(`${nowhere}: `);
});

test("more content than a request may hold is refused before it is read", async () => {
  await writeFile(join(directory, "large"), Buffer.alloc(3 * 1024 * 1024 + 1));
  await expect(drive("populate", "--blob", join(directory, "large"))).rejects.toThrow("3145728 bytes");
  expect(drives.seen).toEqual([]);
});

test.each(["0", "-1", "soon", "1e3"])("a timeout of %s is refused", async (text) => {
  await expect(drive("list", "--timeout", text)).rejects.toThrow("must be seconds");
});

test("a drive is kept beyond its instance, or not, but never both", async () => {
  await drives.populate(made, caller);
  expect(await drive("update", DRIVE, "--keep")).toContain("until it is deleted");
  expect(await drive("update", DRIVE, "--ephemeral")).toContain("until its instance is gone");
  expect(drives.seen.slice(-2)).toMatchObject([{ deleteOnTermination: false }, { deleteOnTermination: true }]);
  await expect(drive("update", DRIVE, "--ephemeral", "--keep")).rejects.toThrow("cannot be used with");
});

test("an image is shown file by file, and a difference by what comes, goes and changes", async () => {
  const entry = (path: string, sizeBytes: number) =>
    ({ path, kind: "file", sizeBytes, sha256: "ab", mode: 0o444 }) as const;
  await drives.populate(made, caller);
  drives.inspect = async () => ({
    ...{ generation: 2, format: "iso9660", label: "config-2", uuid: "2026-01-02", sizeBytes: 4096, sha256: "cd" },
    entries: [{ path: "a", kind: "directory", sizeBytes: 0, sha256: "", mode: 0o555 }, entry("a/b\n", 5)],
  });
  drives.diff = async () => ({
    ...{ applied: 1, pending: 2 },
    changes: [
      { path: "a", before: entry("a", 1), after: entry("a", 2) },
      { path: "b", before: entry("b", 1) },
      { path: "c", after: entry("c", 3) },
    ],
  });
  const shown = await drive("inspect", DRIVE, "--generation", "2");
  expect(shown).toContain("  label   config-2\n");
  expect(shown).toContain("  a/\n  a/b\\x0a  5 bytes  sha256 ab\n");
  expect((await drive("diff", DRIVE)).split("\n")).toEqual([
    "~ a  2 bytes  sha256 ab  was 1 bytes, sha256 ab",
    "- b  1 bytes  sha256 ab",
    "+ c  3 bytes  sha256 ab",
    "",
  ]);
  await expect(drive("inspect", DRIVE, "--generation", "x")).rejects.toThrow("a whole number from 1 on");
});

const made: PopulateVolume = {
  requestId: REQUEST,
  driveId: "",
  label: "",
  sizeBytes: 0,
  whenAttached: "refuse",
  content: { kind: "blob", bytes: Buffer.from("x") },
};
const caller = { projectId: "demo", openstackRequestId: "req", signal: new AbortController().signal };

test("a watch prints a line an event, and ends without failure when its time is over", async () => {
  await drives.populate(made, caller);
  const lines = (await drive("watch", "--timeout", "0.5")).trimEnd().split("\n");
  expect(lines.map((line) => line.split("  ").slice(1))).toEqual([
    ["CURRENT", "0"],
    ["CHANGED", DRIVE, "AVAILABLE", DRIVE],
  ]);
  const [current = ""] = (await drive("watch", "--timeout", "0.5", "--json")).split("\n");
  expect(JSON.parse(current)).toMatchObject({ kind: "CHANGE_KIND_CURRENT", resume_token: "0" });
  await expect(drive("watch", "--drive", "not a drive")).rejects.toThrow("drive_id");
});

test("a volume by its source is named, one to upload is sent first; neither goes with other content", async () => {
  const digest = "a".repeat(64);
  await drive("populate", "--source", "https://images.example/volume", "--sha256", digest);
  const file = join(directory, "large");
  await writeFile(file, Buffer.alloc(2_500_000, 7));
  await drive("populate", DRIVE, "--upload", file);
  expect(drives.seen).toMatchObject([
    { content: { kind: "blob", bytes: { url: "https://images.example/volume", sha256: digest } } },
    { sizeBytes: 2_500_000 },
    { driveId: DRIVE, content: { kind: "blob", bytes: { contentId: DRIVE } } },
  ]);
  await expect(drive("populate", "--upload", file, "--blob", file)).rejects.toThrow("no other content");
  await expect(drive("populate", "--sha256", digest)).rejects.toThrow("--sha256 goes with --source");
});

test("an image is downloaded to a file, or nothing is left", async () => {
  const output = join(directory, "image");
  await expect(drive("download", DRIVE, "-o", output)).rejects.toThrow("DRIVE_NOT_FOUND");
  await writeFile(join(directory, "blob"), "bytes");
  await drive("populate", "--blob", join(directory, "blob"));
  drives.image = Buffer.alloc(700_000, 1);
  expect(await drive("download", DRIVE, "-o", output)).toContain("700000 bytes");
  expect((await readFile(output)).equals(drives.image)).toBe(true);
  expect((await readdir(directory)).filter((name) => name.endsWith(".partial"))).toEqual([]);
});

test("capabilities are told", async () => {
  const told = await drive("capabilities");
  expect(told).toContain("hypervisor  none: cdrom on scsi");
  expect(told).toContain("host        compute-7: away, none, version 1.0, heard of 2026-01-02T03:04:05.000Z");
});

test("a host is declared lost, and found", async () => {
  expect(await drive("declare-host", "compute-7")).toBe(
    "compute-7: lost; 3 drives and 1 instances of ours are there\n",
  );
  expect(await drive("declare-host", "compute-7", "--found")).toContain("compute-7: away");
});

test("config data goes to the service as it is: it keeps the data and makes the files", async () => {
  const data = join(directory, "instance.json");
  await writeFile(data, '{"hostname": "vm1", "admin_pass": "x"}');
  await drive("populate", "--layout", "openstack", "--data", data, "--guest", "windows");
  expect(drives.seen[0]).toMatchObject({
    content: { kind: "config_data", layout: "openstack", guest: "windows", json: await readFile(data, "utf8") },
    label: "",
  });
  await expect(drive("populate", "--layout", "openstack")).rejects.toThrow("--layout and --data go together");
});
