import { z } from "zod";
import { Refusal } from "#drive/refusal.js";
import { AnswerError, ApiError } from "../api.js";
import type { Node } from "../node.js";

/** From this version of its API on Ironic tells what is inserted (Ironic's "REST API Version History"); it inserts from 1.89 on. */
export const MEDIA_VERSION = "1.93";

const answer = z.array(
  z.object({
    media_types: z.array(z.string()),
    inserted: z.boolean().nullish(),
    image: z.string().nullish(),
  }),
);

/** The CD drives that a node's BMC has for virtual media. */
export class Bay {
  constructor(readonly node: Node) {}

  /**
   * The addresses of the CDs that are inserted, as the BMC tells them; empty for one whose address it does not tell. Ironic locks the node
   * for this, so that a change which a caller gave up, or a service that has ended, is over.
   * Refuses with BUS_NOT_AVAILABLE where Ironic or the node has no virtual media, saying what would work.
   */
  async inserted(): Promise<readonly string[]> {
    const { api, signal } = this.node.use;
    const body = await api.call("GET", this.#path(), undefined, signal, MEDIA_VERSION).catch((error: unknown) => {
      throw this.#none(error);
    });
    const media = answer.safeParse(body);
    if (!media.success) throw new AnswerError(z.prettifyError(media.error));
    const drives = media.data.filter(({ media_types: types }) => types.includes("CD") || types.includes("DVD"));
    if (drives.length === 0) throw this.#refused("its BMC has no CD drive for virtual media");
    return drives.filter(({ inserted }) => inserted === true).map(({ image }) => image ?? "");
  }

  /** Has the conductor fetch an image and insert it, and waits for the end. Gives the address that the BMC tells of it. */
  async insert(url: string): Promise<string> {
    const { api, signal } = this.node.use;
    // The conductor's own web server is what the BMC reads from: Ironic hands no other wish on.
    const body = { device_type: "cdrom", image_url: url, image_download_source: "local" };
    await api.call("POST", this.#path(), body, signal, MEDIA_VERSION);
    const { lastError } = await this.node.unlocked();
    const [image, ...others] = await this.inserted();
    if (image !== undefined && others.length === 0) return image;
    throw this.#failed("insert the CD", lastError);
  }

  /** Has every CD ejected, and waits for the end. */
  async eject(): Promise<void> {
    const { api, signal } = this.node.use;
    await api.call("DELETE", `${this.#path()}?device_types=cdrom`, undefined, signal, MEDIA_VERSION);
    const { lastError } = await this.node.unlocked();
    if ((await this.inserted()).length > 0) throw this.#failed("eject the CD", lastError);
  }

  #path(): string {
    return `/v1/nodes/${this.node.uuid}/vmedia`;
  }

  /** 406 is an API that does not have that version; 400 a node whose hardware has no virtual media. */
  #none(error: unknown): unknown {
    if (!(error instanceof ApiError)) return error;
    if (error.status === 406) {
      return this.#refused(
        `virtual media needs version ${MEDIA_VERSION} of Ironic's API (OpenStack 2024.2), and this one is older: ${error.message}`,
      );
    }
    return error.status === 400 ? this.#refused(error.message) : error;
  }

  #refused(why: string): Refusal {
    const { instanceId } = this.node.use;
    const works = "disk on scsi, which a deploy or rebuild writes";
    return new Refusal("BUS_NOT_AVAILABLE", `instance ${instanceId}: ${why}; would work: ${works}`, {
      metadata: { hypervisor: "ironic", instance_id: instanceId },
    });
  }

  #failed(what: string, lastError: string): Refusal {
    const { instanceId } = this.node.use;
    const why = lastError === "" ? ", and does not say why" : `: ${lastError}`;
    return new Refusal("HYPERVISOR_FAILED", `instance ${instanceId}: Ironic did not ${what}${why}`, {
      metadata: { hypervisor: "ironic", instance_id: instanceId },
    });
  }
}
