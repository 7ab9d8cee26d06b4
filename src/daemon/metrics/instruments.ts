import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import { programVersion } from "../version.js";

/** Upper bounds, in seconds: from a call that the catalog answers to a guest that takes its time. */
const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

/**
 * Everything that is measured, in a registry of its own. Labels have few values each: methods, statuses, kinds, adapters; never ids.
 * docs/metrics.md tells of each.
 */
export class Instruments {
  readonly registry = new Registry();
  private readonly own = { registers: [this.registry] };

  readonly calls = new Counter({
    ...this.own,
    name: "configdrive_calls_total",
    help: "Calls that are over, by door, method and gRPC status.",
    labelNames: ["door", "method", "status"],
  });
  readonly callSeconds = new Histogram({
    ...this.own,
    name: "configdrive_call_duration_seconds",
    help: "How long calls took, by door and method; streams last as long as their callers want.",
    labelNames: ["door", "method"],
    buckets: SECONDS,
  });
  readonly rateLimited = new Counter({
    ...this.own,
    name: "configdrive_calls_rate_limited_total",
    help: "Calls that were refused because their caller is over a rate, by door and rate.",
    labelNames: ["door", "rate"],
  });
  readonly auditEvents = new Counter({
    ...this.own,
    name: "configdrive_audit_events_total",
    help: "Audit events that the broker has (published), or that were given up (dropped).",
    labelNames: ["result"],
  });
  readonly auditWaiting = this.gauge(
    "configdrive_audit_events_waiting",
    "Audit events that the broker does not have yet.",
  );
  readonly traceSpans = new Counter({
    ...this.own,
    name: "configdrive_trace_spans_total",
    help: "Spans of traces that the collector has (exported), or that were given up (dropped).",
    labelNames: ["result"],
  });
  readonly operations = new Counter({
    ...this.own,
    name: "configdrive_operations_total",
    help: "Operations that ended (done, undone) or are left for the reconciler (left), by kind.",
    labelNames: ["kind", "outcome"],
  });
  readonly operationSeconds = new Histogram({
    ...this.own,
    name: "configdrive_operation_duration_seconds",
    help: "How long operations were carried out, by kind.",
    labelNames: ["kind"],
    buckets: SECONDS,
  });
  readonly builds = new Counter({
    ...this.own,
    name: "configdrive_image_builds_total",
    help: "Images written on this host, by result.",
    labelNames: ["result"],
  });
  readonly imageBytes = new Counter({
    ...this.own,
    name: "configdrive_image_written_bytes_total",
    help: "Bytes of the images written on this host.",
  });
  readonly buildSeconds = new Histogram({
    ...this.own,
    name: "configdrive_image_build_duration_seconds",
    help: "How long it took to write an image, synced and in its place.",
    buckets: SECONDS,
  });
  readonly hypervisorSeconds = new Histogram({
    ...this.own,
    name: "configdrive_hypervisor_duration_seconds",
    help: "How long a hypervisor took to attach, refresh or detach a drive, by adapter and result.",
    labelNames: ["adapter", "action", "result"],
    buckets: SECONDS,
  });
  readonly drives = this.gauge("configdrive_drives", "Drives in the catalog.");
  readonly pending = this.gauge(
    "configdrive_generations_pending",
    "Attachments whose guest sees an older generation than the newest one that is ready.",
  );
  readonly openOperations = new Gauge({
    ...this.own,
    name: "configdrive_operations_open",
    help: "Operations that are open in the catalog, by kind.",
    labelNames: ["kind"],
  });
  readonly oldestOperation = this.gauge(
    "configdrive_operation_oldest_age_seconds",
    "Age of the oldest operation that is open; 0 without one.",
  );
  readonly catalogUp = this.gauge("configdrive_catalog_up", "1 while the catalog answers.");
  readonly busUp = this.gauge("configdrive_bus_up", "1 while requests on the bus reach this process.");
  readonly hosts = new Gauge({
    ...this.own,
    name: "configdrive_hosts",
    help: "Hosts with an agent that were heard of, by state.",
    labelNames: ["state"],
  });

  constructor() {
    new Gauge({
      ...this.own,
      name: "configdrive_build_info",
      help: "Always 1; the version of the program is a label.",
      labelNames: ["version"],
    }).set({ version: programVersion() }, 1);
    collectDefaultMetrics({ register: this.registry });
  }

  private gauge(name: string, help: string): Gauge {
    return new Gauge({ ...this.own, name, help });
  }
}
