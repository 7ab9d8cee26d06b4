import { randomUUID } from "node:crypto";
import { join } from "node:path";
import type { Logger } from "pino";
import { contract } from "#api/contract.js";
import { jsonDoor } from "#api/json-door.js";
import { CurrentPolicy } from "#api/policy/current-policy.js";
import { CallerRates } from "#api/rates/caller-rates.js";
import { openCatalog } from "#catalog/open.js";
import type { Catalog } from "#drive/catalog.js";
import type { HostView } from "#drive/hosts.js";
import type { ImageStore } from "#drive/image-store.js";
import { LocalHost } from "#drive/local-host.js";
import { createDriveService } from "#drive/service.js";
import { takeLibraryLog } from "#grpc/library-log.js";
import { openGrpcDoor } from "#grpc/server.js";
import { KeystoneTokens } from "#keystone/tokens.js";
import { Sources } from "#source/sources.js";
import { AgentsSide } from "./agents-side.js";
import { openAudit } from "./audit/open-audit.js";
import { BusLine } from "./bus-line.js";
import { type BusEndpoint, BusSide } from "./bus-side.js";
import { type FinishedCall, logCall } from "./call-log.js";
import { backUpCatalog } from "./catalog-backup.js";
import { CatalogClaim } from "./catalog-claim.js";
import { watchCatalog } from "./catalog-watch.js";
import { Closers } from "./closers.js";
import { ConfigError } from "./config/config-error.js";
import type { LoadedConfig } from "./config/load.js";
import type { Config } from "./config/options.js";
import { ContentDirectory } from "./content-directory.js";
import { openHypervisor } from "./hypervisor.js";
import { imageAccess } from "./image-access.js";
import { ImageDirectory } from "./image-directory.js";
import { Instruments } from "./metrics/instruments.js";
import { MeteredHypervisor } from "./metrics/metered-hypervisor.js";
import { MeteredImages } from "./metrics/metered-images.js";
import { beginAtZero, countCall, countOperation } from "./metrics/observe.js";
import { openServiceStatus } from "./metrics/service-status.js";
import { lookForVanished } from "./nova-look.js";
import { NovaNotifications } from "./nova-notifications.js";
import { logOperation } from "./operation-log.js";
import { ratesOf } from "./rates.js";
import { reconcileOnce } from "./reconciler.js";
import { repeat } from "./repeat.js";
import { newRequestId } from "./request-id.js";
import { limitsOf, sourceSettings } from "./sources.js";
import { configuredTracing } from "./tracing/configured.js";
import { programVersion } from "./version.js";

/** Longest wait, at the start, for the first pass of the reconciler and then for the broker. Both go on after it. */
const FIRST_PASS_MS = 30_000;
const FIRST_BROKER_MS = 5000;
/** How often health is told; gRPC serves while the broker is away, and nothing does without the catalog. */
const HEALTH_EVERY_MS = 500;

/** Parts of the service that health tells of by their own names: whether the bus reaches us, whether the catalog answers. */
const BUS_HEALTH = "configdrive.bus";
const CATALOG_HEALTH = "configdrive.catalog";
/** With agents: whether each host that was heard of can be reached. */
const HOSTS_HEALTH = "configdrive.hosts";

/** What runs, where it can be reached, and how it is stopped. */
export interface RunningService {
  readonly endpoints: Endpoints;
  /**
   * Takes over what a running process can of a configuration that was read again.
   * @throws Error for certificates that cannot be used: nothing has changed then
   */
  apply(loaded: LoadedConfig): void;
  /**
   * Takes no new calls at either door, lets those under way and what they have begun come to an end until the deadline, and
   * closes everything. What is left is taken up at the next start.
   */
  drain(deadline: Date): Promise<void>;
}

/** Where the service can be reached. */
export interface Endpoints {
  /** As a gRPC client dials it; unset for an agent, which has no such door. */
  readonly grpc?: string;
  /** As clients on other machines dial it. */
  readonly grpcTls?: string;
  /** Unset without a bus. */
  readonly bus?: BusEndpoint & { readonly listening: boolean };
}

/**
 * Starts everything, in the order in which it needs one another: catalog, images, hypervisor, what was left open, gRPC, bus.
 * What was started is closed again when a later part cannot start. A broker that is away is no reason not to start.
 * @param stopping - aborts when the service is told to stop: no more waits then
 * @throws Refusal CATALOG_LOCKED when another service has the catalog, and what the other parts refuse with; ConfigError for a
 * configuration whose parts do not fit together
 */
export async function startService(
  loaded: LoadedConfig,
  logger: Logger,
  stopping: AbortSignal,
): Promise<RunningService> {
  const { config, tls } = loaded;
  const policy = new CurrentPolicy(loaded.policy);
  const rates = new CallerRates(ratesOf(config), () => performance.now());
  const limits = { ...limitsOf(config) };
  await using started = new Closers();
  const owner = { pid: process.pid, host: config.host, since: new Date().toISOString() };
  const catalog = started.adopt(
    await openCatalog(config.catalogConnection.reveal(), owner, { newId: randomUUID, leaseMs: config.leaseMs }),
    (opened) => opened.dispose(),
  );
  const instruments = new Instruments();
  const tracing = await configuredTracing(config, instruments, logger);
  if (tracing !== undefined) started.defer(() => tracing.close(AbortSignal.abort()));
  const { methods } = contract();
  beginAtZero(
    instruments,
    "grpc",
    methods.map(({ name }) => name),
  );
  if (loaded.bus !== undefined) {
    beginAtZero(
      instruments,
      "bus",
      methods.map(({ busName }) => busName),
    );
  }
  const images = new MeteredImages(await ImageDirectory.open(config.imageDirectory, imageAccess(config)), instruments);
  const contents = await ContentDirectory.open(config.contentDirectory ?? join(config.imageDirectory, ".content"));
  await claimFor(catalog, config);
  const sources = started.adopt(new Sources(sourceSettings(config)), (opened) => opened[Symbol.dispose]());
  const line = loaded.bus === undefined ? undefined : BusLine.open(loaded.bus, logger, "configdrive", tracing?.tracer);
  if (line !== undefined) started.defer(() => line.close());
  const cells = loaded.cells.map((cell) => BusLine.open(cell, logger, "configdrive", tracing?.tracer));
  for (const cell of cells) started.defer(() => cell.close());
  const now = () => new Date();
  let reconcileSoon = () => {};
  const agents =
    config.role === "service" && line !== undefined
      ? AgentsSide.open([line, ...cells], config.host, catalog.identity, config, logger, () => reconcileSoon())
      : undefined;
  if (agents !== undefined) started.defer(() => agents.close());
  const hosts = agents?.hosts ?? localHost(config, line, images, instruments, started);
  const drives = createDriveService({
    catalog,
    images,
    contents,
    sources,
    hosts,
    now,
    newId: randomUUID,
    limits,
    report: (report) => {
      logOperation(logger, report);
      countOperation(instruments, report);
    },
  });
  started.defer(() => drives.drain(AbortSignal.abort()));
  const { catalogBackupFile } = config;
  if (catalogBackupFile !== undefined) {
    const backups = backUpCatalog(catalog, catalogBackupFile, config.catalogBackupMs, logger);
    started.defer(() => backups.stop());
  }
  let catalogAnswers = true;
  const reconcile = async (signal: AbortSignal) => {
    catalogAnswers = await reconcileOnce(drives, logger, signal);
  };
  await reconcile(AbortSignal.any([stopping, AbortSignal.timeout(FIRST_PASS_MS)]));
  const reconciler = repeat(config.reconcileMs, reconcile);
  started.defer(() => reconciler.stop());
  reconcileSoon = reconciler.soon;
  const catalogWatch = watchCatalog(catalog, logger, async (answers, signal) => {
    catalogAnswers = answers;
    // What was left when it went away is not left waiting for the next pass.
    if (answers) await reconcile(signal);
  });
  started.defer(() => catalogWatch.stop());

  const audit = line === undefined ? undefined : openAudit(config, line, instruments, logger);
  if (audit !== undefined) started.defer(() => audit.close(AbortSignal.abort()));
  const observe = (call: FinishedCall) => {
    logCall(logger, call);
    countCall(instruments, call);
    audit?.record(call);
  };
  takeLibraryLog((text) => logger.warn({ component: "grpc" }, text));
  const grpc = started.use(
    await openGrpcDoor({
      drives,
      policy,
      rates,
      listen: config.grpcListen,
      ...(tls === undefined ? {} : { tls }),
      ...(loaded.keystone === undefined ? {} : { tokens: new KeystoneTokens(loaded.keystone, Date.now) }),
      reflection: config.grpcReflection,
      ...(tracing === undefined ? {} : { trace: tracing.traceServed }),
      newRequestId,
      observe: (record) => observe({ door: "grpc", ...record }),
    }),
  );
  const bus =
    line === undefined
      ? undefined
      : BusSide.open(
          [line, ...cells],
          config.host,
          jsonDoor({ drives, policy, rates }),
          logger,
          observe,
          tracing?.tracer,
          async (index) => agents?.askedAt(index),
        );
  if (bus !== undefined) started.defer(() => bus.close(new Date()));
  if (line !== undefined) {
    const news = NovaNotifications.open(config, [line, ...cells], loaded.notifying, drives, logger);
    if (news !== undefined) started.defer(() => news.close());
  }
  if (loaded.nova !== undefined) {
    const looking = lookForVanished(loaded.nova, catalog, drives, logger);
    started.defer(() => looking.stop());
  }
  const tellHealth = () => {
    grpc.setServing(catalogAnswers);
    grpc.setComponent(CATALOG_HEALTH, catalogAnswers);
    grpc.setComponent(BUS_HEALTH, bus?.listening ?? false);
    if (agents !== undefined) grpc.setComponent(HOSTS_HEALTH, allThere(drives.hosts()));
  };
  tellHealth();
  const health = repeat(HEALTH_EVERY_MS, async () => tellHealth());
  started.defer(() => health.stop());
  let draining = false;
  if (config.metricsListen !== undefined) {
    const state = () => ({
      catalogAnswers,
      busListens: bus?.listening,
      hosts: agents === undefined ? undefined : drives.hosts(),
      draining,
    });
    const status = started.use(await openServiceStatus(config.metricsListen, instruments, catalog, state));
    logger.info({ event: "listening", door: "metrics", url: status.url }, `metrics and health at ${status.url}`);
  }
  await bus?.listeningWithin(AbortSignal.any([stopping, AbortSignal.timeout(FIRST_BROKER_MS)]));
  tellHealth();

  const closing = started.move();
  return {
    endpoints: {
      grpc: grpc.target,
      ...(grpc.tlsTarget === undefined ? {} : { grpcTls: grpc.tlsTarget }),
      ...(bus === undefined ? {} : { bus: { ...bus.endpoint, listening: bus.listening } }),
    },
    apply(next) {
      if (next.tls !== undefined) grpc.exchangeTls(next.tls);
      policy.exchange(next.policy);
      rates.exchange(ratesOf(next.config));
      Object.assign(limits, limitsOf(next.config));
    },
    async drain(deadline) {
      await using _closing = closing;
      draining = true;
      const late = AbortSignal.timeout(Math.max(0, deadline.getTime() - Date.now()));
      await reconciler.stop();
      await Promise.all([grpc.drain(late), bus?.close(deadline)]);
      await drives.drain(late);
      await audit?.close(late);
      await tracing?.close(late);
    },
  };
}

/** Makes sure that the files here are this catalog's, before anything looks for orphans. @throws ConfigError where they are not */
async function claimFor({ identity }: Pick<Catalog, "identity">, { imageDirectory, contentDirectory }: Config) {
  for (const directory of [imageDirectory, contentDirectory ?? []].flat()) {
    const problem = await new CatalogClaim(directory).problem(identity);
    if (problem !== undefined) throw new ConfigError([problem]);
  }
}

/** The host that the service itself is on, and what runs instances there. */
function localHost(
  config: Config,
  line: BusLine | undefined,
  images: ImageStore,
  instruments: Instruments,
  started: Closers,
): LocalHost {
  const { hypervisor, launcher } = openHypervisor(config, line);
  started.defer(() => hypervisor.close());
  const metered = new MeteredHypervisor(hypervisor, instruments);
  return new LocalHost(config.host, metered, images, programVersion(), () => new Date(), launcher);
}

/** Whether every host that was heard of can be reached, and there is one. Nobody waits for those that are declared lost. */
function allThere(hosts: readonly HostView[]): boolean {
  const awaited = hosts.filter(({ state }) => state !== "LOST");
  return awaited.length > 0 && awaited.every(({ state }) => state === "PRESENT");
}
