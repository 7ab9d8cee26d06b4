import { readFileSync } from "node:fs";
import { isNativeError } from "node:util/types";
import { ConfigError } from "./config-error.js";

/** A file that the configuration names. @throws ConfigError when it cannot be read */
export function readText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    const why = isNativeError(error) ? error.message : String(error);
    throw new ConfigError([`${file}: cannot be read: ${why}`]);
  }
}
