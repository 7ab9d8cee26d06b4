import { mkdir, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { privateDirectory } from "#integration/rigs/private-directory.js";
import { readFileSource } from "./file.js";

let root: string;
beforeAll(async () => {
  root = await privateDirectory("file-source");
  await mkdir(join(root, "open/deep"), { recursive: true });
  await writeFile(join(root, "open/deep/a"), "content");
  await writeFile(join(root, "secret"), "secret");
  await symlink("../secret", join(root, "open/link"));
  await symlink("..", join(root, "open/up"));
});
afterAll(() => rm(root, { recursive: true, force: true }));

async function read(path: string, maxBytes = 100): Promise<string> {
  const url = path.startsWith("file:") ? path : pathToFileURL(join(root, path)).href;
  const chunks: Uint8Array[] = [];
  const wait = { signal: AbortSignal.timeout(1000) };
  for await (const chunk of readFileSource(url, [join(root, "open")], maxBytes, wait)) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

test("a file below a configured folder is read", async () => expect(await read("open/deep/a")).toBe("content"));

test.each([
  ["a file outside", "secret", "SOURCE_NOT_ALLOWED"],
  ["a path that climbs out", "open/../secret", "SOURCE_NOT_ALLOWED"],
  ["a link as the file", "open/link", "SOURCE_NOT_ALLOWED"],
  ["a link on the way", "open/up/secret", "SOURCE_NOT_ALLOWED"],
  ["the folder itself", "open", "SOURCE_NOT_ALLOWED"],
  ["a directory", "open/deep", "SOURCE_NOT_ALLOWED"],
  ["a file that is not there", "open/none", "SOURCE_NOT_FOUND"],
  ["a file of another host", "file://elsewhere/a", "SOURCE_NOT_ALLOWED"],
])("%s is refused", async (_what, path, reason) => {
  await expect(read(path)).rejects.toMatchObject({ reason });
});

test("a file over the limit is refused before it is read", async () => {
  await expect(read("open/deep/a", 3)).rejects.toMatchObject({ reason: "CONTENT_TOO_LARGE" });
});
