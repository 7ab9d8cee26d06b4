import { mkdir, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { privateDirectory } from "#integration/rigs/private-directory.js";
import { until } from "#integration/rigs/wait.js";
import { fromBytes } from "../tree.js";
import { writeImage } from "./file.js";
import { type PlacedFile, PlacingThread } from "./placing.js";

let home: string;
let directory: string;
beforeEach(async () => {
  home = await privateDirectory("placing");
  directory = join(home, "images");
  await mkdir(directory);
});
afterEach(() => rm(home, { recursive: true, force: true }));

/** A thread that is ready for an order. */
async function started(program?: URL): Promise<PlacingThread> {
  const thread = new PlacingThread(program);
  await until(10_000, "the thread", () => thread.idle);
  return thread;
}

function orderOf(text: string, more: Partial<PlacedFile> = {}): PlacedFile {
  const { length } = text;
  return {
    ...{ directory, name: "1.img", partial: ".1.img.partial", size: length, stretches: [[0, length]] },
    ...{ mode: undefined, sync: true, ...more },
  };
}

async function put(thread: PlacingThread, text: string, more: Partial<PlacedFile> = {}): Promise<void> {
  thread.bytes.set(Buffer.from(text));
  await thread.place(orderOf(text, more), undefined);
}

const modeOf = async (path: string): Promise<number> => (await stat(path)).mode & 0o7777;

it("makes the folder that a file has of its own, with the modes that were asked for", async () => {
  const thread = await started();
  const umask = process.umask(0o077);
  try {
    for (const text of ["first", "second"]) {
      await put(thread, text, { folder: { name: "drive", mode: 0o750 }, mode: 0o640, groupId: process.getgid?.() });
      expect(await readFile(join(directory, "drive", "1.img"), "utf8")).toBe(text);
    }
  } finally {
    process.umask(umask);
  }
  expect(await readdir(directory, { recursive: true })).toEqual(["drive", "drive/1.img"]);
  expect([await modeOf(join(directory, "drive")), await modeOf(join(directory, "drive/1.img"))]).toEqual([
    0o750, 0o640,
  ]);
});

it("follows no link: neither of the folder nor of the directory", async () => {
  const thread = await started();
  const elsewhere = join(home, "elsewhere");
  await mkdir(elsewhere);
  await symlink(elsewhere, join(directory, "drive"));
  await symlink(directory, join(home, "link"));
  const folder = { name: "drive", mode: 0o700 };
  await expect(put(thread, "data", { folder })).rejects.toMatchObject({
    code: "ENOTDIR",
    path: join(directory, "drive", "1.img"),
  });
  await expect(put(thread, "data", { folder, directory: join(home, "link") })).rejects.toMatchObject({
    code: "ENOTDIR",
  });
  expect(await readdir(elsewhere)).toEqual([]);
});

/** A thread's program that ends with half a file written. */
const dying = (how: string) => `
  import { openSync, writeSync } from "node:fs";
  import { join } from "node:path";
  import { receiveMessageOnPort, workerData } from "node:worker_threads";
  const { orders, port } = workerData;
  Atomics.wait(orders, 0, 0);
  const { directory, folder, partial } = receiveMessageOnPort(port).message;
  writeSync(openSync(join(directory, folder?.name ?? "", partial), "wx"), "half");
  ${how};`;

it.each(["throw new Error('out of order')", "process.exit(1)"])(
  "names a thread that ended while it wrote (%s): nothing is left, and the next file is written without it",
  async (how) => {
    const program = join(home, "dying.mjs");
    await writeFile(program, dying(how));
    await mkdir(join(directory, "drive"));
    const thread = await started(pathToFileURL(program));
    await expect(put(thread, "data", { folder: { name: "drive", mode: 0o700 } })).rejects.toMatchObject({
      name: "ImageWriteError",
      failure: "io",
      code: "EIO",
      path: join(directory, "drive", "1.img"),
      cause: { message: "the thread that wrote it ended" },
    });
    expect(await readdir(directory, { recursive: true })).toEqual(["drive"]);
    expect([thread.idle, thread.busy]).toEqual([false, false]);
    const path = join(directory, "drive", "1.img");
    const plan = {
      format: "raw",
      size: 4,
      label: undefined,
      extents: [{ offset: 0, data: fromBytes(Buffer.from("data")) }],
    } as const;
    expect(await writeImage(plan, path, { mode: 0o600 })).toMatchObject({ size: 4 });
    expect(await readdir(join(directory, "drive"))).toEqual(["1.img"]);
  },
);
