import { createHash, randomBytes, randomUUID } from "node:crypto";
import { z } from "zod";
import { DeviceKind } from "#gen/configdrive/v1/drive.js";
import { DriveClient } from "#grpc/client.js";
import { rowsOfDrive } from "#integration/rigs/catalog-view.js";
import type { Guest } from "#integration/rigs/guest.js";
import {
  blockDevices,
  deviceDigest,
  deviceGone,
  deviceSize,
  deviceWithLabel,
  fileDigests,
  newDevice,
} from "#integration/rigs/guest-view.js";
import { type AskedFile, askedBytes, askedDigests, novaTree } from "#integration/rigs/nova-tree.js";
import { filesOfDrive } from "#integration/rigs/service-files.js";
import type { Stage } from "./stage.js";
import type { Terminal } from "./terminal.js";

/** What the story reads out of an answer of the bus. */
const answer = z.object({
  drive: z.object({
    id: z.string(),
    state: z.string(),
    pending_generation: z.int().default(0),
    applied_generation: z.int().default(0),
    generations: z.array(z.object({ number: z.int(), format: z.string(), size_bytes: z.int(), sha256: z.string() })),
    attachments: z.array(z.object({ device: z.object({ kind: z.string(), bus: z.string(), reason: z.string() }) })).default([]),
  }),
});
