import type { Command } from "commander";
import { DeviceBus, DeviceKind, ImageFormat } from "#gen/configdrive/v1/drive.js";
import { type GetCapabilitiesResponse, type HostCapabilities, HostState } from "#gen/configdrive/v1/drive_service.js";
import { nameOf } from "./drive-view.js";
import { driveCommand, type SessionOptions, type Surroundings } from "./service-command.js";
import { callService } from "./session.js";

/** `configdrive drive capabilities`: what the service takes and can do. */
export function registerCapabilities(parent: Command, surroundings: Surroundings): void {
  driveCommand(parent, "capabilities", "tell what the service takes and can do", surroundings).action(
    async (options: SessionOptions) => {
      await callService(
        "GetCapabilities",
        options,
        surroundings,
        (client, how) => client.getCapabilities({}, how),
        view,
      );
    },
  );
}

function view({
  version,
  formats,
  hypervisor,
  limits,
  sourceSchemes,
  hosts,
  launchHost,
}: GetCapabilitiesResponse): string[] {
  const devices = (hypervisor?.devices ?? []).map(
    ({ kind, bus }) => `${nameOf(DeviceKind, "DEVICE_KIND_", kind)} on ${nameOf(DeviceBus, "DEVICE_BUS_", bus)}`,
  );
  return [
    `version     ${version}`,
    `formats     ${formats.map((format) => nameOf(ImageFormat, "IMAGE_FORMAT_", format)).join(", ")}`,
    ...(hypervisor === undefined ? [] : [`hypervisor  ${hypervisor.name}: ${devices.join(", ")}`.toLowerCase()]),
    ...hosts.map(hostLine),
    `instances   ${launchLine(hosts, launchHost)}`,
    `sources     ${sourceSchemes.join(", ")}`,
    `content     at most ${limits?.contentBytes ?? 0} bytes a drive, ${limits?.inlineBytes ?? 0} of them in the request itself`,
    `volume      at most ${limits?.volumeBytes ?? 0} bytes`,
    `files       at most ${limits?.files ?? 0}, their names ${limits?.nameBytes ?? 0} bytes, their paths ${limits?.pathBytes ?? 0}`,
    `drives      ${limits?.drivesPerProject ? `at most ${limits.drivesPerProject} a project` : "any number"}`,
  ];
}

function launchLine(hosts: readonly HostCapabilities[], launchHost: string): string {
  if (launchHost !== "") return `are run on ${launchHost}`;
  const names = hosts.flatMap(({ host, launches }) => (launches ? [host] : []));
  return names.length === 0
    ? "none are run here"
    : `are run on ${names.join(", ")}: on the one with the fewest if none is named`;
}

function hostLine({ host, state, hypervisor, version, seenAt }: HostCapabilities): string {
  const how = nameOf(HostState, "HOST_STATE_", state);
  const heard = seenAt === undefined ? "" : `, heard of ${seenAt.toISOString()}`;
  return `host        ${host}: ${how.toLowerCase()}, ${hypervisor?.name ?? ""}, version ${version}${heard}`;
}
