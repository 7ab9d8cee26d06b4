import { randomBytes } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { PlacedImage } from "#drive/hypervisor.js";
import { ImageServer } from "./image-server.js";

let folder: string;
let server: ImageServer;
let names: number;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "image-server-"));
  names = 0;
  const newName = () => `name${++names}`;
  server = new ImageServer({ host: "127.0.0.1", port: 0, url: "http://configdrive:8080/media/", newName });
});
afterEach(async () => {
  await server.close();
  await rm(folder, { recursive: true });
});

async function image(bytes: Buffer, sizeBytes = bytes.length): Promise<PlacedImage> {
  const path = join(folder, "1.img");
  await writeFile(path, bytes);
  return { driveId: "d", generation: 1, path, sizeBytes, format: "iso9660" };
}

/** What somebody gets who asks for that path. */
async function ask(path: string, method = "GET"): Promise<Response> {
  return await fetch(`http://127.0.0.1:${await server.port()}${path}`, { method });
}

test("an image is served whole under its name, and told by HEAD", async () => {
  const bytes = randomBytes(200_000);
  await using offer = await server.offer(await image(bytes));
  expect(offer.url).toBe("http://configdrive:8080/media/name1.iso");
  for (const path of ["/media/name1.iso", "/name1.iso"]) {
    expect(Buffer.from(await (await ask(path)).arrayBuffer())).toEqual(bytes);
  }
  const head = await ask("/media/name1.iso", "HEAD");
  expect([head.status, head.headers.get("content-length")]).toEqual([200, "200000"]);
});

test("nothing else is served: no other name, no other method, and not after it was withdrawn", async () => {
  {
    await using _offer = await server.offer(await image(Buffer.alloc(2048)));
    expect((await ask("/media/")).status).toBe(404);
    expect((await ask("/1.img")).status).toBe(404);
    expect((await ask("/name1.iso", "PUT")).status).toBe(405);
    expect((await ask("/name1.iso")).status).toBe(200);
  }
  expect((await ask("/name1.iso")).status).toBe(404);
});

test("each image has a name of its own", async () => {
  await using first = await server.offer(await image(Buffer.alloc(2048)));
  await using second = await server.offer(await image(Buffer.alloc(2048)));
  expect(first.url).not.toBe(second.url);
});

test("an image that is cut, empty or gone is not offered", async () => {
  await expect(server.offer(await image(Buffer.alloc(2048), 4096))).rejects.toThrow("has 2048 bytes, not 4096");
  await expect(server.offer(await image(Buffer.alloc(0)))).rejects.toThrow("has 0 bytes");
  const gone = { ...(await image(Buffer.alloc(1))), path: join(folder, "gone") };
  await expect(server.offer(gone)).rejects.toThrow("ENOENT");
});

test("a port that is taken is told, and asked for again by the next image", async () => {
  const port = await server.port();
  const second = new ImageServer({ host: "127.0.0.1", port, url: "http://x", newName: () => "n" });
  const one = await image(Buffer.alloc(2048));
  await expect(second.offer(one)).rejects.toThrow("EADDRINUSE");
  await server.close();
  await (await second.offer(one))[Symbol.asyncDispose]();
  await second.close();
});
