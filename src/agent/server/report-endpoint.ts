import type { Endpoint } from "#bus/server/endpoint.js";
import type { HostReportMethods } from "../methods.js";
import { hostsProtocol, methodIn, PROTOCOL_VERSION } from "../protocol.js";
import { type HostReport, reportOf } from "../report.js";
import { type OnFailure, protocolMethod } from "./endpoint.js";

/** HostReportService as an endpoint of the bus: what a service hears of the hosts. */
export function reportEndpoint(heard: (report: HostReport) => void, onFailure: OnFailure): Endpoint {
  const descriptor = methodIn(hostsProtocol(), "ReportHost");
  const handler = async ({ report }: HostReportMethods["ReportHost"]["request"]) => {
    if (report !== undefined) heard(reportOf(report));
    return {};
  };
  return {
    version: PROTOCOL_VERSION,
    methods: new Map([[descriptor.busName, protocolMethod(descriptor, handler, onFailure)]]),
  };
}
