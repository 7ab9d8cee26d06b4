import { open } from "node:fs/promises";
import { promisify } from "node:util";
import { isNativeError } from "node:util/types";
import { gzip } from "node:zlib";
import type { PlacedImage } from "#drive/hypervisor.js";
import { Refusal } from "#drive/refusal.js";

/** The largest partition that Ironic's agent makes for a config drive (ironic-lib, MAX_CONFIG_DRIVE_SIZE_MB). */
export const MAX_IMAGE_BYTES = 64 * 1024 * 1024;

const compress = promisify(gzip);

/**
 * An image as Ironic takes a config drive: gzip, then base64. Refuses with HYPERVISOR_FAILED an image that is not whole,
 * and with BUS_NOT_AVAILABLE one that is too large as it is, or as text.
 */
export async function encodeImage(instanceId: string, image: PlacedImage, maxTextBytes: number): Promise<string> {
  requireSize(instanceId, image);
  const packed = await compress(await readImage(instanceId, image));
  const textBytes = Math.ceil(packed.length / 3) * 4;
  if (textBytes > maxTextBytes) {
    throw tooLarge(
      instanceId,
      `the image has ${textBytes} bytes as gzip and base64, and [ironic] max_text_size is ${maxTextBytes} bytes`,
      maxTextBytes,
      textBytes,
    );
  }
  return packed.toString("base64");
}

/** Refuses with BUS_NOT_AVAILABLE an image that no node would have room for. */
export function requireSize(instanceId: string, { sizeBytes }: Pick<PlacedImage, "sizeBytes">): void {
  if (sizeBytes <= MAX_IMAGE_BYTES) return;
  const why = `the image has ${sizeBytes} bytes, and Ironic makes a config drive of ${MAX_IMAGE_BYTES} bytes at most`;
  throw tooLarge(instanceId, why, MAX_IMAGE_BYTES, sizeBytes);
}

async function readImage(instanceId: string, { path, sizeBytes }: PlacedImage): Promise<Buffer> {
  const failed = (why: string, cause?: unknown) =>
    new Refusal("HYPERVISOR_FAILED", `instance ${instanceId}: ${why}`, {
      metadata: { hypervisor: "ironic", instance_id: instanceId },
      cause,
    });
  await using file = await open(path).catch((error: unknown) => {
    throw failed(`the image cannot be read: ${isNativeError(error) ? error.message : error}`, error);
  });
  const { size } = await file.stat();
  if (size !== sizeBytes || size === 0) throw failed(`the image ${path} has ${size} bytes, not ${sizeBytes}`);
  return await file.readFile();
}

function tooLarge(instanceId: string, why: string, limit: number, actual: number): Refusal {
  return new Refusal("BUS_NOT_AVAILABLE", `instance ${instanceId}: ${why}; would work: less content`, {
    metadata: {
      hypervisor: "ironic",
      instance_id: instanceId,
      limit_bytes: String(limit),
      actual_bytes: String(actual),
    },
  });
}
