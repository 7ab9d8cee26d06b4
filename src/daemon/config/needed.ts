import { ConfigError } from "./config-error.js";

/**
 * The value of an option that another one makes necessary.
 * @param option - as operators write it, such as `[ironic] username`
 * @param because - what makes it necessary, in the same form
 * @throws ConfigError where it is not given
 */
export function needed<T>(value: T | undefined, option: string, because: string): T {
  if (value !== undefined) return value;
  throw new ConfigError([`${option} is required with ${because}`]);
}
