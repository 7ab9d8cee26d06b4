import { randomUUID } from "node:crypto";
import { join } from "node:path";
import type { Logger } from "pino";
import { AGENT_TARGET, HOSTS_TARGET, hostsProtocol, methodIn, PROTOCOL_VERSION } from "#agent/protocol.js";
import { type HostReport, reportMessage } from "#agent/report.js";
import { removeCutOffImages } from "#agent/server/cut-off-images.js";
import { deviceHandlers } from "#agent/server/device-handlers.js";
import { agentEndpoint } from "#agent/server/endpoint.js";
import { Fences } from "#agent/server/fences.js";
import { Guard } from "#agent/server/guard.js";
import { imageHandlers } from "#agent/server/image-handlers.js";
import { launchHandlers } from "#agent/server/launch-handlers.js";
import { refuseRival } from "#agent/server/rival.js";
import { Transfers } from "#agent/server/transfers.js";
import { encodeMessage } from "#api/encode.js";
import { whenAborted } from "#bus/when-aborted.js";
import { BusLine } from "./bus-line.js";
import { CatalogClaim } from "./catalog-claim.js";
import { Closers } from "./closers.js";
import type { BusConfig } from "./config/bus.js";
import type { Config } from "./config/options.js";
import { openHypervisor } from "./hypervisor.js";
import { imageAccess } from "./image-access.js";
import { ImageDirectory } from "./image-directory.js";
import { openAgentStatus } from "./metrics/agent-status.js";
import { Instruments } from "./metrics/instruments.js";
import { MeteredHypervisor } from "./metrics/metered-hypervisor.js";
import { repeat } from "./repeat.js";
import type { RunningService } from "./service.js";
import { configuredTracing } from "./tracing/configured.js";
import { tracedEndpoint } from "./tracing/traced-endpoint.js";
import { programVersion } from "./version.js";

/** Longest wait for the broker at the start; it is waited for after that, too. */
const FIRST_BROKER_MS = 5000;

/**
 * Starts the agent of this host: images, hypervisor, bus. It has no catalog and decides nothing. A broker that is away is no
 * reason not to start.
 * @param stopping - aborts when the agent is told to stop
 * @throws Refusal HOST_AMBIGUOUS when another agent answers for this host, and what the other parts refuse with
 */
export async function startAgent(
  config: Config,
  bus: BusConfig,
  logger: Logger,
  stopping: AbortSignal,
): Promise<RunningService> {
  await using started = new Closers();
  const { host, reportMs: intervalMs } = config;
  const images = await ImageDirectory.open(config.imageDirectory, imageAccess(config));
  const claim = new CatalogClaim(config.imageDirectory);
  await removeCutOffImages(images);
  const fences = started.use(await Fences.open(join(config.imageDirectory, ".fences"), () => new Date()));
  const instruments = new Instruments();
  const tracing = await configuredTracing(config, instruments, logger);
  if (tracing !== undefined) started.defer(() => tracing.close(AbortSignal.abort()));
  const line = started.adopt(BusLine.open(bus, logger, "configdrive-agent", tracing?.tracer), (opened) =>
    opened.close(),
  );
  const { hypervisor, launcher } = openHypervisor(config, line);
  started.defer(() => hypervisor.close());
  const transfers = new Transfers();
  started.defer(() => transfers.close());
  const guard = new Guard(fences);

  const client = started.adopt(line.client(), (opened) => opened.close());
  const present: HostReport = {
    host,
    agentId: randomUUID(),
    programVersion: programVersion(),
    protocolVersion: PROTOCOL_VERSION,
    // Not once for all: an adapter in a process of its own says later what it can plug in.
    get hypervisor() {
      return { name: hypervisor.name, devices: hypervisor.devices };
    },
    launches: launcher !== undefined,
    intervalMs,
    startedAt: new Date(),
    leaving: false,
  };
  // A report that an older service knows, too: it says in itself how new the agent is.
  const { busName, request, since } = methodIn(hostsProtocol(), "ReportHost");
  const report = async (leaving: boolean, signal: AbortSignal) => {
    const message = encodeMessage(request, { report: reportMessage({ ...present, leaving }) });
    await client.fanout({ ...HOSTS_TARGET, version: since }, busName, message, {
      signal,
      timeoutMs: intervalMs,
    });
  };
  const tell = async (signal: AbortSignal) => {
    // The next report is as good; that the broker is away is told by the connection.
    await report(false, signal).catch((error: unknown) => logger.debug({ err: error }, "a report was not sent"));
  };

  const endpoint = agentEndpoint(
    {
      ...imageHandlers({ images, guard, transfers, claim }),
      ...deviceHandlers({ images, hypervisor: new MeteredHypervisor(hypervisor, instruments), guard }),
      ...launchHandlers({ host, images, launcher, guard }),
      DescribeHost: async () => ({ report: reportMessage(present) }),
      AskForReport: async (_, { signal }) => {
        await tell(signal);
        return {};
      },
    },
    (method, error) => logger.warn({ event: "refused", method, err: error }, `${method} was refused`),
  );
  const traced = tracedEndpoint(endpoint, AGENT_TARGET.topic, tracing?.tracer);
  const server = line.server(AGENT_TARGET, host, traced);
  const first = AbortSignal.any([stopping, AbortSignal.timeout(FIRST_BROKER_MS)]);
  await refuseRival(line.connection, client, host, logger, first);
  const opening = new AbortController();
  started.defer(() => opening.abort());
  const where = { transport: line.transport, ...AGENT_TARGET, server: host };
  const listening = server.start(opening.signal).then(
    async () => {
      logger.info({ event: "listening", door: "bus", ...where }, "listening on the bus");
      await tell(opening.signal);
    },
    () => undefined,
  );
  started.defer(() => server.stop(new Date()));
  await Promise.race([listening, whenAborted(first)]);
  if (config.metricsListen !== undefined) {
    const status = await openAgentStatus(config.metricsListen, instruments, () => server.listening);
    logger.info({ event: "listening", door: "metrics", url: started.use(status).url }, "metrics and health");
  }
  const reporting = repeat(intervalMs, tell);
  started.defer(() => reporting.stop());

  const closing = started.move();
  return {
    endpoints: { bus: { ...where, listening: server.listening } },
    // Of what can be changed while it runs, an agent has the log's level only.
    apply() {},
    async drain(deadline) {
      await using _closing = closing;
      opening.abort();
      await reporting.stop();
      const late = AbortSignal.timeout(Math.max(1, deadline.getTime() - Date.now()));
      await report(true, late).catch((error: unknown) => logger.debug({ err: error }, "the leave was not told"));
      await server.stop(deadline);
      await tracing?.close(late);
    },
  };
}
