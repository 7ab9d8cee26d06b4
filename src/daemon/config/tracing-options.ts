import { option, withDefault } from "./option.js";
import { httpUrl, integer } from "./types.js";

/** Who gets traces ([operations.md](operations.md#traces)). */
export const tracingOptions = {
  tracingUrl: option(
    "tracing.otlp_url",
    httpUrl,
    "A collector of OpenTelemetry that takes OTLP over HTTP in JSON, such as `http://127.0.0.1:4318/v1/traces`: calls are traced there ([operations.md](operations.md#traces)). Give agents the same.",
    { fallbackShown: "none: nothing is traced" },
  ),
  tracingPercent: withDefault(
    option(
      "tracing.sample_percent",
      integer(0, 100),
      "Of the calls whose caller brings no trace, so many in a hundred are recorded. A trace that a caller brings is recorded if the caller records it.",
    ),
    "100",
  ),
} as const;
