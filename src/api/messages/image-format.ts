import type { Generation } from "#drive/drive.js";
import { ImageFormat } from "#gen/configdrive/v1/drive.js";
import { keyOf } from "./key-of.js";

const FORMATS: Readonly<Record<Generation["format"], ImageFormat>> = {
  iso9660: ImageFormat.IMAGE_FORMAT_ISO9660,
  vfat: ImageFormat.IMAGE_FORMAT_VFAT,
  raw: ImageFormat.IMAGE_FORMAT_RAW,
};

/** The contract's word for a format. */
export function formatMessage(format: Generation["format"]): ImageFormat {
  return FORMATS[format];
}

/** The format that was asked for; `undefined` when it was left open. */
export function formatWish(message: ImageFormat): Generation["format"] | undefined {
  return keyOf(FORMATS, message);
}
