import { verified } from "./verified.js";

async function* chunksOf(...texts: string[]) {
  for (const text of texts) yield Buffer.from(text);
}

async function read(named: { sha256?: string; sizeBytes?: number }, maxBytes = 100): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of verified({ url: "https://e/x", ...named }, maxBytes, chunksOf("ab", "c")))
    chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

const SHA256 = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

test("bytes of the named size and digest pass", async () =>
  expect(await read({ sha256: SHA256, sizeBytes: 3 })).toBe("abc"));

test.each([
  [{ sha256: SHA256.replace("b", "c") }, 100, "SOURCE_MISMATCH"],
  [{ sizeBytes: 2 }, 100, "SOURCE_MISMATCH"],
  [{ sizeBytes: 4 }, 100, "SOURCE_MISMATCH"],
  [{}, 2, "CONTENT_TOO_LARGE"],
])("others do not (%j, at most %i): %s", async (named, maxBytes, reason) => {
  await expect(read(named, maxBytes)).rejects.toMatchObject({ reason });
});
