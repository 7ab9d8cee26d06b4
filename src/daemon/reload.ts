import { isDeepStrictEqual } from "node:util";
import type { Logger } from "pino";
import { Secret } from "#bus/secret.js";
import { ConfigError } from "./config/config-error.js";
import { type LoadedConfig, loadConfig } from "./config/load.js";
import type { Option } from "./config/option.js";
import { options } from "./config/options.js";
import { levelOf } from "./logging.js";

/**
 * Reads the configuration again and puts to use what a running process can take over: the options marked so, and the files that they
 * name. A configuration that cannot be used changes nothing.
 * @param apply - puts the new configuration to use in the parts that run
 * @returns the configuration that counts from now on
 */
export function reload(
  files: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
  before: LoadedConfig,
  logger: Logger,
  apply: (next: LoadedConfig) => void,
): LoadedConfig {
  try {
    const next = loadConfig(files, env);
    for (const { level, message } of next.unknown) logger[level]({ event: "unknown_option" }, message);
    const { changed, waiting } = changesBetween(before, next);
    apply(next);
    logger.level = levelOf(next.config.debug);
    logger.info({ event: "reloaded", changed }, "read the configuration again; policy and certificates too");
    for (const name of waiting) {
      logger.warn({ event: "restart_needed", option: name }, `${name} has changed: it is read at the next start`);
    }
    return next;
  } catch (error) {
    const problems = error instanceof ConfigError ? error.problems : [String(error)];
    for (const problem of problems) {
      logger.error({ event: "not_reloaded" }, `the configuration stays as it was: ${problem}`);
    }
    return before;
  }
}

/** The options, by group and name, that differ: those that are put to use at once, and those that a start is needed for. */
function changesBetween(before: LoadedConfig, next: LoadedConfig) {
  const different = Object.entries<Option<unknown>>(options).filter(
    ([key]) => !isSame(Reflect.get(before.config, key), Reflect.get(next.config, key)),
  );
  const named = (reloadable: boolean) =>
    different
      .filter(([, option]) => option.reloadable === reloadable)
      .map(([, { group, name }]) => `[${group}] ${name}`);
  return { changed: named(true), waiting: named(false) };
}

function isSame(one: unknown, other: unknown): boolean {
  if (one instanceof Secret && other instanceof Secret) return one.reveal() === other.reveal();
  return isDeepStrictEqual(one, other);
}
