import { type DestinationStream, type Logger, pino } from "pino";
import { traceOfLine } from "./tracing/current-trace.js";

/** Names under which libraries and callers carry what must never be printed, at the top and one level down. */
const SECRET_KEYS = ["password", "passwd", "secret", "token", "auth_token", "transport_url", "admin_pass", "user_data"];

/** The level that the option `debug` stands for. */
export function levelOf(debug: boolean): "debug" | "info" {
  return debug ? "debug" : "info";
}

/** The service's log: one JSON object a line, times in UTC with milliseconds, levels by name, and of a traced call the trace. */
export function createLogger(host: string, debug: boolean, destination: DestinationStream): Logger {
  return pino(
    {
      level: levelOf(debug),
      base: { service: "configdrive", host, pid: process.pid },
      timestamp: pino.stdTimeFunctions.isoTime,
      mixin: traceOfLine,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: SECRET_KEYS.flatMap((key) => [key, `*.${key}`]), censor: "***" },
    },
    destination,
  );
}
