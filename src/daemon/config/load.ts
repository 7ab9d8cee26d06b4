import type { Policy } from "#api/policy/policy.js";
import type { TlsDoor } from "#grpc/server.js";
import type { KeystoneSettings } from "#keystone/settings.js";
import { type BusConfig, RABBIT_GROUP, readBusConfig, readCells, readNotifying } from "./bus.js";
import { ConfigError } from "./config-error.js";
import { GivenOptions } from "./given.js";
import { loadGrpcTls } from "./grpc-tls.js";
import { requireHypervisorOptions } from "./hypervisor.js";
import { parseIni } from "./ini.js";
import { ironicMediaSettings } from "./ironic-media.js";
import { keystoneSettings } from "./keystone.js";
import { type NovaApiSettings, novaApiSettings } from "./nova-api.js";
import { type Config, options } from "./options.js";
import { loadPolicy } from "./policy.js";
import { readConfig } from "./read-options.js";
import { readText } from "./read-text.js";
import { readSecretFiles, SECRETS, secretFileOption } from "./secret-files.js";
import { substituteIn } from "./substitute.js";
import { MESSAGING, type UnknownName, unknownNames } from "./unknown.js";

/** A configuration that was read and checked. */
export interface LoadedConfig {
  readonly config: Config;
  /** Unset: no transport URL was given, so there is no bus. */
  readonly bus: BusConfig | undefined;
  /** Buses of other cells, which are served as `bus` is. */
  readonly cells: readonly BusConfig[];
  /** Buses at which nova's notifications are heard, beside all of these. */
  readonly notifying: readonly BusConfig[];
  /** Who may do what. */
  readonly policy: Policy;
  /** Unset: gRPC is for this machine only. */
  readonly tls: TlsDoor | undefined;
  /** Unset: no Keystone vouches for tokens. */
  readonly keystone: KeystoneSettings | undefined;
  /** Unset: nova is not asked for its instances. */
  readonly nova: NovaApiSettings | undefined;
  readonly unknown: readonly UnknownName[];
}

/**
 * Reads configuration files, later ones over earlier ones, and the environment over them.
 * @throws ConfigError with every line and value that cannot be used
 */
export function loadConfig(files: readonly string[], env: Readonly<Record<string, string | undefined>>): LoadedConfig {
  const given = new GivenOptions();
  const problems: string[] = [];
  for (const file of files) {
    const ini = parseIni(readText(file), file);
    problems.push(...ini.problems);
    given.assign(ini.assignments);
  }
  if (problems.length > 0) throw new ConfigError(problems);
  given.override(env, new Set([...Object.values(options).map(({ group }) => group), RABBIT_GROUP]));
  const unresolved = substituteIn(given, [
    ...Object.values(options).map(({ group, name }) => [group, name] as const),
    ...SECRETS.map(([group, name]) => [group, secretFileOption(name)] as const),
    ...MESSAGING.map((name) => ["DEFAULT", name] as const),
    ...[...given.all(RABBIT_GROUP).keys()].map((name) => [RABBIT_GROUP, name] as const),
  ]);
  if (unresolved.length > 0) throw new ConfigError(unresolved);
  const misplaced = readSecretFiles(given, readText);
  if (misplaced.length > 0) throw new ConfigError(misplaced);
  const config = readConfig(given);
  if (config.catalogBackupFile !== undefined && !/^sqlite:/i.test(config.catalogConnection.reveal())) {
    throw new ConfigError(["[catalog] backup_file: is for SQLite; pg_dump or mariadb-dump back up the others"]);
  }
  const bus = readBusConfig(given, config);
  if (config.auditTopics.length > 0 && bus === undefined) {
    throw new ConfigError(["[audit] topics: needs transport_url: audit events go over the bus"]);
  }
  const cells = readCells(given, config, bus);
  const notifying = readNotifying(given, config, bus);
  const { policy, unknown } = loadPolicy(config.policyFile);
  const tls = loadGrpcTls(config);
  const keystone = keystoneSettings(config);
  const nova = novaApiSettings(config);
  ironicMediaSettings(config);
  requireHypervisorOptions(config, bus);
  const unknownHere = [...unknownNames(given, RABBIT_GROUP, bus), ...unknown];
  return { config, bus, cells, notifying, policy, tls, keystone, nova, unknown: unknownHere };
}
