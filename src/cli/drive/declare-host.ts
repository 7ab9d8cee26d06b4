import type { Command } from "commander";
import { type DeclareHostResponse, HostState } from "#gen/configdrive/v1/drive_service.js";
import { nameOf } from "./drive-view.js";
import { driveCommand, type SessionOptions, type Surroundings } from "./service-command.js";
import { callService } from "./session.js";

/** `configdrive drive declare-host`: says that a host never comes back, or takes that back. */
export function registerDeclareHost(parent: Command, surroundings: Surroundings): void {
  driveCommand(
    parent,
    "declare-host <host>",
    "declare that a host never comes back: what is pending there ends",
    surroundings,
  )
    .option("--found", "take that back")
    .option("--dry-run", "say what of ours is there, and do nothing")
    .action(async (host: string, options: SessionOptions & { found?: boolean; dryRun?: boolean }) => {
      const request = { host, lost: options.found !== true, validateOnly: options.dryRun ?? false };
      await callService("DeclareHost", options, surroundings, (client, how) => client.declareHost(request, how), lines);
    });
}

function lines({ host, drives, instances }: DeclareHostResponse): string[] {
  const state = nameOf(HostState, "HOST_STATE_", host?.state ?? HostState.HOST_STATE_UNSPECIFIED).toLowerCase();
  return [`${host?.host ?? ""}: ${state}; ${drives} drives and ${instances} instances of ours are there`];
}
