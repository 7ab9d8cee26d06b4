import type { Fence, HostImages } from "#drive/hosts.js";
import type { Wait } from "#drive/hypervisor.js";
import type { NewId } from "#drive/ids.js";
import type { StoredFile, WrittenImage } from "#drive/image-store.js";
import { Refusal } from "#drive/refusal.js";
import type { PlaceImageResponse } from "#gen/configdrive/agent/v1/agent.js";
import type { ImagePlan } from "#image/plan.js";
import { fenceMessage } from "../messages/fence.js";
import type { AgentLine } from "./agent-line.js";
import { stepsOf } from "./steps.js";

/** So often is an image sent from its beginning: an agent that was restarted meanwhile has forgotten what it had of it. */
const TRIES = 3;

/** The images on another host, as its agent keeps them. Refuses with HOST_UNREACHABLE beside what a store refuses. */
export class RemoteImages implements HostImages {
  readonly #fence: ReturnType<typeof fenceMessage>;
  /** Where what was brought just now stands: it need not be asked for. */
  #brought: { readonly generation: number; readonly sizeBytes: number; readonly path: string } | undefined;

  constructor(
    private readonly line: AgentLine,
    private readonly host: string,
    fence: Fence,
    private readonly catalog: string,
    private readonly newId: NewId,
  ) {
    this.#fence = fenceMessage(fence);
  }

  async place(_driveId: string, generation: number, plan: ImagePlan, wait: Wait, sha256 = ""): Promise<WrittenImage> {
    for (let tried = 1; ; tried++) {
      try {
        const placed = await this.#send(generation, plan, sha256, wait);
        this.#brought = { generation, sizeBytes: plan.size, path: placed.path };
        return { sizeBytes: plan.size, sha256: placed.sha256 };
      } catch (error) {
        if (!isForgotten(error) || tried === TRIES) throw error;
      }
    }
  }

  async locate(_driveId: string, generation: number, sizeBytes: number): Promise<string | undefined> {
    const brought = this.#brought;
    if (brought?.generation === generation && brought.sizeBytes === sizeBytes) return brought.path || undefined;
    const request = { fence: this.#fence, generation, sizeBytes: BigInt(sizeBytes) };
    const { path } = await this.line.call(this.host, "LocateImage", request);
    return path === "" ? undefined : path;
  }

  async remove(_driveId: string, generation: number): Promise<void> {
    this.#brought = undefined;
    await this.line.call(this.host, "RemoveImage", { fence: this.#fence, generation });
  }

  async removeDrive(): Promise<void> {
    this.#brought = undefined;
    await this.line.call(this.host, "RemoveDriveImages", { fence: this.#fence });
  }

  async list(): Promise<readonly StoredFile[]> {
    const found: StoredFile[] = [];
    for (let afterDriveId = ""; ; ) {
      const request = { afterDriveId, catalog: this.catalog };
      const { files, nextAfterDriveId } = await this.line.call(this.host, "ListImages", request);
      found.push(...files.map(({ generation, ...file }) => ({ ...file, generation: generation || undefined })));
      if (nextAfterDriveId === "") return found;
      afterDriveId = nextAfterDriveId;
    }
  }

  /** An empty folder is left: it goes by `removeDrive`, or when the agent begins. */
  async discard({ name }: StoredFile): Promise<void> {
    if (name === "") return;
    await this.line.call(this.host, "DiscardImage", { fence: this.#fence, name });
  }

  /** One step after the other: the broker never holds more than one of an image. Gives what is in place. */
  async #send(generation: number, plan: ImagePlan, sha256: string, { signal }: Wait): Promise<PlaceImageResponse> {
    const image = { fence: this.#fence, transferId: this.newId(), generation, sizeBytes: BigInt(plan.size), sha256 };
    let placed: PlaceImageResponse = { sha256: "", path: "" };
    for await (const { from, to, extents } of stepsOf(plan, signal)) {
      const request = { ...image, from: BigInt(from), to: BigInt(to), extents: [...extents] };
      placed = await this.line.call(this.host, "PlaceImage", request, signal);
    }
    return placed;
  }
}

function isForgotten(error: unknown): boolean {
  return error instanceof Refusal && error.metadata.transfer === "unknown";
}
