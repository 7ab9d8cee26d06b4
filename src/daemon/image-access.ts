import type { Config } from "./config/options.js";
import type { Access } from "./image-directory.js";

/** Who may read images, as configured. */
export function imageAccess({ imageMode, imageGroup }: Pick<Config, "imageMode" | "imageGroup">): Access {
  // Who may read a file may enter its folder.
  const directoryMode = 0o700 | imageMode | ((imageMode & 0o444) >> 2);
  return { fileMode: imageMode, directoryMode, ...(imageGroup === undefined ? {} : { groupId: imageGroup }) };
}
