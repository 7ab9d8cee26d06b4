import type { Logger } from "pino";
import { Refusal } from "#drive/refusal.js";
import { startAgent } from "./agent.js";
import { ConfigError } from "./config/config-error.js";
import { type LoadedConfig, loadConfig } from "./config/load.js";
import { ExitCode } from "./exit-code.js";
import { HangUps } from "./hang-ups.js";
import { createLogger } from "./logging.js";
import { reload } from "./reload.js";
import { type RunningService, startService } from "./service.js";
import { ServiceManager } from "./service-manager.js";
import { type SignalSource, stopSignals } from "./stop-signals.js";

/** The process that the service runs in. */
export interface Host {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stderr: { write(text: string): unknown };
  readonly signals: SignalSource;
  /** Registers who is told of an error that nobody caught, before it ends the process. */
  onCrash(listener: (error: unknown) => void): void;
  /** Ends the process at once. */
  exit(code: number): never;
}

/** Numbers of the signals that stop the service; a process that one of them ended exits with 128 and the number. */
const SIGNAL_NUMBER: Readonly<Record<string, number>> = { SIGINT: 2, SIGTERM: 15 };

/**
 * Runs the service until it is told to stop, and gives the exit code. The log goes to stderr; its line with `event: ready`
 * names the endpoints once both doors are open. SIGTERM and SIGINT drain; a second one ends the process at once. SIGHUP reads the
 * configuration again.
 */
export async function serve(files: readonly string[], host: Host): Promise<number> {
  const loaded = load(files, host);
  if (loaded === undefined) return ExitCode.CONFIG;
  const { config } = loaded;
  const logger = createLogger(config.host, config.debug, host.stderr);
  for (const { level, message } of loaded.unknown) logger[level]({ event: "unknown_option" }, message);

  host.onCrash((error) =>
    logger.fatal({ event: "crashed", err: error }, "an error that nobody caught ends the process"),
  );

  const hungUp = new HangUps(host.signals);
  const manager = ServiceManager.from(host.env, process.pid, logger);
  const stopping = new AbortController();
  const stopped = stopSignals(host.signals, (name) => {
    logger.error(
      { event: "killed", signal: name },
      "told to stop again: ends at once; the next start takes up what is left",
    );
    host.exit(128 + (SIGNAL_NUMBER[name] ?? 0));
  });
  stopped.then(() => stopping.abort());
  try {
    const service = await start(loaded, logger, stopping.signal);
    let current = loaded;
    hungUp.serve(() => {
      current = reload(files, host.env, current, logger, (next) => service.apply(next));
    });
    logger.info({ event: "ready", endpoints: service.endpoints }, "ready");
    await manager.ready();
    const signal = await stopped;
    logger.info(
      { event: "draining", signal, deadline_ms: config.drainMs },
      "takes no new calls, and finishes what it has begun",
    );
    await manager.stopping();
    await service.drain(new Date(Date.now() + config.drainMs));
    logger.info({ event: "stopped" }, "stopped");
    return ExitCode.OK;
  } catch (error) {
    if (error instanceof ConfigError) {
      for (const problem of error.problems) logger.fatal({ event: "failed" }, problem);
      return ExitCode.CONFIG;
    }
    if (!(error instanceof Refusal)) {
      logger.fatal({ event: "failed", err: error }, "failed");
      return ExitCode.FAILED;
    }
    logger.fatal({ event: "failed", reason: error.reason, ...error.metadata }, error.message);
    return error.reason === "CATALOG_LOCKED" ? ExitCode.CATALOG_LOCKED : ExitCode.FAILED;
  } finally {
    await manager.close();
  }
}

/** Starts what this process is to be. */
async function start(loaded: LoadedConfig, logger: Logger, stopping: AbortSignal): Promise<RunningService> {
  const { config, bus } = loaded;
  if (config.role === "agent" && bus !== undefined) return await startAgent(config, bus, logger, stopping);
  return await startService(loaded, logger, stopping);
}

function load(files: readonly string[], { env, stderr }: Host): LoadedConfig | undefined {
  try {
    return loadConfig(files, env);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    for (const problem of error.problems) stderr.write(`configdrive: ${problem}\n`);
    return undefined;
  }
}
