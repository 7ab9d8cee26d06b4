import { randomUUID } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type Server, type ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import type { PlacedImage } from "#drive/hypervisor.js";
import { IronicHypervisor, type IronicOptions } from "./adapter.js";

/** What an Ironic is asked. */
export interface Asked {
  readonly method: string;
  readonly url: string;
  readonly body: string;
}

/** For unit tests: an HTTP server that answers in the place of Ironic as a test says, an adapter on it, and an image to give. */
export class ScriptedIronic implements AsyncDisposable {
  private constructor(
    readonly hypervisor: IronicHypervisor,
    readonly image: PlacedImage,
    private readonly server: Server,
    private readonly folder: string,
  ) {}

  static async start(
    answer: (asked: Asked, response: ServerResponse) => void,
    options: Pick<IronicOptions, "rebuild" | "media">,
  ): Promise<ScriptedIronic> {
    const server = createServer((request, response) => {
      const { method = "", url = "" } = request;
      void buffer(request).then((body) => answer({ method, url, body: body.toString() }, response));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    const url = `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}`;
    const folder = await mkdtemp(join(tmpdir(), "scripted-ironic-"));
    const path = join(folder, "1.img");
    await writeFile(path, Buffer.alloc(2048));
    const image = { driveId: randomUUID(), generation: 1, path, sizeBytes: 2048, format: "iso9660" } as const;
    const hypervisor = new IronicHypervisor({
      ...{ url, credentials: { kind: "none" }, answerMs: 30_000, lockMs: 0, deployMs: 30_000, maxTextBytes: 1024 },
      ...options,
    });
    return new ScriptedIronic(hypervisor, image, server, folder);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.hypervisor.close();
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
    await rm(this.folder, { recursive: true });
  }
}
