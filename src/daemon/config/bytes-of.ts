import { readFileSync } from "node:fs";
import { isNativeError } from "node:util/types";
import { ConfigError } from "./config-error.js";

/** What a file holds that an option names. @throws ConfigError with the option where it cannot be read */
export function bytesOf(option: string, file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    const why = isNativeError(error) ? error.message : String(error);
    throw new ConfigError([`${option} = ${file}: cannot be read: ${why}`]);
  }
}
