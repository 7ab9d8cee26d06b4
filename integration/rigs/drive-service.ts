import { randomUUID } from "node:crypto";
import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { openCatalog } from "#catalog/open.js";
import { ContentDirectory } from "#daemon/content-directory.js";
import { ImageDirectory } from "#daemon/image-directory.js";
import type { Catalog } from "#drive/catalog.js";
import type { Dependencies, OperationReport } from "#drive/dependencies.js";
import type { Hypervisor } from "#drive/hypervisor.js";
import type { ImageStore } from "#drive/image-store.js";
import type { Launcher } from "#drive/launcher.js";
import { defaultLimits } from "#drive/limits.js";
import { LocalHost } from "#drive/local-host.js";
import { createDriveService, type DriveService } from "#drive/service.js";
import type { Call, PopulateVolume } from "#drive/use-cases.js";
import { AddressPolicy } from "#source/address-policy.js";
import { type SourceSettings, Sources } from "#source/sources.js";
import { privateDirectory } from "./private-directory.js";

/** Public HTTPS servers, and nothing else. */
const noSources: SourceSettings = {
  http: { addresses: new AddressPolicy(), plain: false, redirects: 0, silenceMs: 1000, attempts: 1, firstWaitMs: 1 },
  fileFolders: [],
};

export interface RigOptions {
  /** Where it stands; unset: a new one. */
  readonly directory?: string;
  /** Of the catalog; an SQLite file in the directory if not given. */
  readonly connection?: string;
  /** The host that it is on. */
  readonly host?: string;
  /** What runs instances there; nothing does if not given. */
  readonly launcher?: Launcher;
  /** Replaces what the service is made of. */
  readonly change?: Partial<Dependencies>;
  /** Puts something around the real catalog and the real image store. */
  readonly wrap?: {
    readonly catalog?: (catalog: Catalog) => Catalog;
    readonly images?: (images: ImageStore) => ImageStore;
  };
}

/** The service's inside over a real catalog and real image files in a directory of its own; opened again, it finds what was there. */
export class DriveServiceRig implements AsyncDisposable {
  private constructor(
    readonly directory: string,
    readonly catalog: Catalog,
    readonly service: DriveService,
    readonly reports: readonly OperationReport[],
  ) {}

  /** Opens the service over its directory. */
  static async open(
    hypervisor: Hypervisor,
    { directory, connection, host = "here", launcher, change = {}, wrap = {} }: RigOptions = {},
  ): Promise<DriveServiceRig> {
    const home = directory ?? (await privateDirectory("drives"));
    const owner = { pid: process.pid, host: "here", since: "now" };
    const opened = await openCatalog(connection ?? `sqlite:///${join(home, "catalog.sqlite")}`, owner, {
      newId: randomUUID,
    });
    const catalog = wrap.catalog?.(opened) ?? opened;
    const images = await ImageDirectory.open(join(home, "images"));
    const wrapped = wrap.images?.(images) ?? images;
    const contents = await ContentDirectory.open(join(home, "contents"));
    const reports: OperationReport[] = [];
    const service = createDriveService({
      catalog,
      images: wrapped,
      contents,
      sources: new Sources(noSources),
      hosts: new LocalHost(host, hypervisor, wrapped, "1.0", () => new Date(), launcher),
      now: () => new Date(),
      newId: randomUUID,
      limits: defaultLimits,
      report: (report) => void reports.push(report),
      ...change,
    });
    return new DriveServiceRig(home, catalog, service, reports);
  }

  /** Every file below the image directory, as `<drive>/<name>`. */
  async files(): Promise<readonly string[]> {
    const root = join(this.directory, "images");
    const entries = await readdir(root, { recursive: true, withFileTypes: true });
    return entries
      .filter((entry) => !entry.isDirectory())
      .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1))
      .sort();
  }

  /** Lets go of everything and keeps the directory, for another to open. */
  async leave(): Promise<void> {
    await this.service.drain(AbortSignal.timeout(10_000));
    await this.catalog.dispose();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.leave();
    await rm(this.directory, { recursive: true });
  }
}

/** A caller of one project who waits as long as it takes. */
export function callOf(projectId: string, signal: AbortSignal = new AbortController().signal): Call {
  return { projectId, openstackRequestId: `req-${randomUUID()}`, signal };
}

/** A request for a small blob; `change` says what is other. */
export function blob(text: string, change: Partial<PopulateVolume> = {}): PopulateVolume {
  return {
    requestId: randomUUID(),
    driveId: "",
    content: { kind: "blob", bytes: Buffer.from(text) },
    label: "",
    sizeBytes: 0,
    whenAttached: "refuse",
    ...change,
  };
}
