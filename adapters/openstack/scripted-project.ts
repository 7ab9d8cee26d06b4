import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { PlacedImage } from "#drive/hypervisor.js";
import { Project } from "./project.js";
import { ScriptedCloud } from "./scripted-cloud.js";

/** A project of a scripted OpenStack, for unit tests, with a folder for images of drives. */
export class ScriptedProject implements AsyncDisposable {
  private constructor(
    readonly cloud: ScriptedCloud,
    private readonly folder: string,
  ) {}

  static async open(): Promise<ScriptedProject> {
    return new ScriptedProject(await ScriptedCloud.start(), await mkdtemp(join(tmpdir(), "openstack-")));
  }

  /** The project, as an adapter takes it. Whoever takes it closes it. */
  project(): Project {
    return new Project({ tokens: this.cloud.tokens, interface: "public", answerMs: 30_000, taskMs: 30_000 });
  }

  /** A drive's image, which says which generation it is: `generation 1`. Those of one digit have the same length. */
  async image(driveId: string, generation: number): Promise<PlacedImage> {
    const path = join(this.folder, `${generation}.img`);
    const content = `generation ${generation}`;
    await writeFile(path, content);
    return { driveId, generation, path, sizeBytes: content.length, format: "raw" };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.cloud[Symbol.asyncDispose]();
    await rm(this.folder, { recursive: true });
  }
}
