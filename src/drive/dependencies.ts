import type { Catalog } from "./catalog.js";
import type { Clock } from "./clock.js";
import type { ContentSource } from "./content-source.js";
import type { ContentStore } from "./content-store.js";
import type { Hosts } from "./hosts.js";
import type { NewId } from "./ids.js";
import type { ImageStore } from "./image-store.js";
import type { InstanceOperationKind } from "./instance/instance.js";
import type { Limits } from "./limits.js";
import type { OperationKind } from "./operation.js";
import type { Reason } from "./refusal.js";

/** What became of one operation; for logs and metrics. Holds no content and no secret. */
export interface OperationReport {
  readonly operationId: string;
  readonly kind: OperationKind | InstanceOperationKind;
  /** Empty for an operation on instances. */
  readonly driveId: string;
  /** Of an operation on instances. */
  readonly instanceIds?: readonly string[];
  readonly requestId: string;
  /** `done`: as asked. `undone`: refused, and the drive is as before. `left`: still open, the reconciler goes on with it. */
  readonly outcome: "done" | "undone" | "left";
  /** Unset when done. */
  readonly reason?: Reason;
  readonly message?: string;
  readonly milliseconds: number;
}

/** All that this room needs from outside. */
export interface Dependencies {
  readonly catalog: Catalog;
  /** The service's own images: where it builds, inspects and downloads them. */
  readonly images: ImageStore;
  /** Content that did not come inline. */
  readonly contents: ContentStore;
  readonly sources: ContentSource;
  /** The hosts that instances run on. */
  readonly hosts: Hosts;
  readonly now: Clock;
  readonly newId: NewId;
  readonly limits: Limits;
  readonly report: (report: OperationReport) => void;
}
