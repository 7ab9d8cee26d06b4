import type { Logger } from "pino";
import { systemClock } from "#bus/system.js";
import type { BusLine } from "../bus-line.js";
import type { FinishedCall } from "../call-log.js";
import type { Config } from "../config/options.js";
import type { Instruments } from "../metrics/instruments.js";
import { auditEvent } from "./audit-event.js";
import { AuditTrail } from "./audit-trail.js";

/** How long one attempt to publish may wait for a broker. */
const ATTEMPT_MS = 30_000;

/** Tells of calls. */
export interface Audit {
  /** Tells of a call that is over, if it is one that is told. Neither waits nor fails. */
  record(call: FinishedCall): void;
  /** Waits until the broker has everything, or the signal aborts. What is left then is dropped, and said so. */
  close(signal: AbortSignal): Promise<void>;
}

/** Opens the audit; `undefined` where no topic is configured. */
export function openAudit(config: Config, line: BusLine, instruments: Instruments, logger: Logger): Audit | undefined {
  const { auditTopics, auditExchange, auditDriver, auditBuffer, host } = config;
  if (auditTopics.length === 0) return undefined;
  const publisher = line.publisher({
    exchange: auditExchange,
    topics: auditTopics,
    publisherId: `configdrive.${host}`,
    driver: auditDriver,
    timeoutMs: ATTEMPT_MS,
  });
  const { auditEvents, auditWaiting } = instruments;
  for (const result of ["published", "dropped"]) auditEvents.inc({ result }, 0);
  const trail = new AuditTrail({
    most: auditBuffer,
    send: (event, signal) => publisher.send(event, signal),
    over: (result) => auditEvents.inc({ result }),
    waiting: (count) => auditWaiting.set(count),
    clock: systemClock,
    logger,
  });
  let closed: Promise<void> | undefined;
  const close = async (signal: AbortSignal) => {
    const dropped = await trail.close(signal);
    await publisher.close();
    if (dropped > 0) logger.error({ event: "audit_dropped", dropped }, `${dropped} audit events were dropped`);
  };
  return {
    record(call) {
      const event = auditEvent(call, new Date());
      if (event !== undefined) trail.record(event);
    },
    close(signal) {
      closed ??= close(signal);
      return closed;
    },
  };
}
