import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { IronicHypervisor, IronicOptions } from "#adapters/ironic/adapter.js";
import { RedfishIronic, type RedfishNode } from "#integration/rigs/redfish.js";
import { openOn } from "./ironic-backend.js";
import { servedOn } from "./ironic-media-backend.js";

export const PATIENT = { answerMs: 60_000, unplugMs: 60_000 };

/** What the tests of virtual media share. */
export interface MediaScene {
  readonly rig: RedfishIronic;
  /** Another one for each test. */
  readonly node: RedfishNode;
  /** A folder for images. */
  readonly images: string;
  /** An adapter that serves images over TLS, with something else in what it is told; closed after the test. */
  adapter(change?: Partial<IronicOptions>): Promise<IronicHypervisor>;
  /** Closes an adapter after the test that the test itself has opened. */
  closes(adapter: IronicHypervisor): void;
}

/** An Ironic with redfish hardware for the tests of a `describe`. */
export function mediaScene(): MediaScene {
  let rig: RedfishIronic;
  let node: RedfishNode;
  let images: string;
  const adapters: IronicHypervisor[] = [];

  beforeAll(async () => {
    rig = await RedfishIronic.start();
    images = join(rig.ironic.directory, "images");
    await mkdir(images);
  }, 600_000);
  afterAll(() => rig?.[Symbol.asyncDispose](), 60_000);
  beforeEach(async () => {
    node = await rig.node();
  });
  afterEach(async () => {
    for (const adapter of adapters.splice(0)) await adapter.close();
    await node[Symbol.asyncDispose]();
  });

  return {
    get rig() {
      return rig;
    },
    get node() {
      return node;
    },
    get images() {
      return images;
    },
    async adapter(change = {}) {
      const opened = openOn(rig.ironic, PATIENT, { rebuild: false, media: await servedOn(rig), ...change });
      adapters.push(opened);
      return opened;
    },
    closes: (adapter) => void adapters.push(adapter),
  };
}
