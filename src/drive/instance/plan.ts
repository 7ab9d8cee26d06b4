import { factsSaid } from "#layout/config-document.js";
import type { DriveOpening } from "../catalog.js";
import { refusalFor, suitedKind, suits } from "../config-data.js";
import { toSpec } from "../content.js";
import type { Dependencies } from "../dependencies.js";
import type { Device, DeviceBus, Drive } from "../drive.js";
import type { DeviceWish } from "../hypervisor.js";
import type { Launchable, Launcher } from "../launcher.js";
import { newDrive, withNewGeneration } from "../new-generation.js";
import { Refusal } from "../refusal.js";
import { render } from "../render.js";
import type { Content, Spec } from "../spec.js";
import { launcherOf } from "./context.js";
import type { Instance } from "./instance.js";
import type { RunInstances } from "./use-cases.js";

/** An instance that is to be, and the drive that is to be with it. */
export interface Planned {
  readonly instance: Instance;
  readonly drive: DriveOpening;
}

/**
 * Says what instances and drives a run is to make: their names, their content, their devices. Touches nothing.
 * Refusals: what the content, the template or the machine cannot be.
 */
export async function planInstances(
  deps: Dependencies,
  host: string,
  request: Omit<RunInstances, "content"> & { readonly content: Content },
  {
    projectId,
    reservationId,
    count,
  }: { readonly projectId: string; readonly reservationId: string; readonly count: number },
): Promise<readonly Planned[]> {
  const at = deps.now();
  if (count > 1) refuseSharedIdentity(request.content);
  const planned: Planned[] = [];
  for (let launchIndex = 0; launchIndex < count; launchIndex++) {
    const id = deps.newId();
    const name = nameOf(request.name, id, launchIndex, count);
    const template = request.template;
    const instance: Instance = {
      ...{ id, projectId, reservationId, name, host, launchIndex, template },
      ...{ state: "STARTING", revision: 0, createdAt: at, updatedAt: at },
    };
    const spec = toSpec({ ...request, content: told(request.content, instance) }, deps.limits);
    // The same content for all is laid out once; what was told each by name may differ for each.
    const { size } = render(spec, at, deps.contents);
    const drive = newDrive(deps.newId(), projectId, request.deleteOnTermination ?? true, at);
    const image = { driveId: drive.id, format: spec.format, sizeBytes: size };
    const device = await deviceFor(launcherOf(deps, instance), instance, image, spec, request);
    planned.push({
      instance,
      drive: openingOf(deps, withNewGeneration(drive, spec, "stage", at), spec, instance, device),
    });
  }
  return planned;
}

function nameOf(asked: string, id: string, launchIndex: number, count: number): string {
  if (asked === "") return `instance-${id}`;
  return count === 1 ? asked : `${asked}-${launchIndex}`;
}

/** What the data leaves out of the instance it is for is filled in. */
function told(content: Content, { id, name, launchIndex }: Instance): Content {
  return content.kind === "config_data" ? { ...content, instance: { id, name, launchIndex } } : content;
}

/** Instances that were all told the same identity would take each other for themselves. */
function refuseSharedIdentity(content: Content): void {
  if (content.kind !== "config_data") return;
  const [field] = factsSaid(content).filter((name) => name === "uuid" || name === "instance_id");
  if (field === undefined) return;
  const rule = "must be left out where more than one instance is asked for: each is told its own";
  throw new Refusal("INVALID_ARGUMENT", `config_data.json.${field}: ${rule}`, {
    violations: [{ field: `config_data.json.${field}`, rule }],
  });
}

/**
 * The device of a drive that is there from the start. A Windows guest has no drivers for virtio at its first boot, so it gets a bus
 * of the machine's own where there is one.
 */
async function deviceFor(
  launcher: Launcher,
  instance: Launchable,
  image: Parameters<Launcher["plan"]>[1],
  { content, format }: Spec,
  { kind, bus }: DeviceWish,
): Promise<Device> {
  const asked = { ...(kind === undefined ? {} : { kind }), ...(bus === undefined ? {} : { bus }) };
  if (content.kind !== "config_data") return await launcher.plan(instance, image, asked);
  const suited = suitedKind(content, { format, sizeBytes: image.sizeBytes }, kind);
  const wish = kind === undefined ? { kind: suited, why: suits(content).reason } : asked;
  const own: readonly DeviceBus[] = content.guest === "windows" && bus === undefined ? ["sata", "ide"] : [];
  for (const each of own) {
    try {
      return await launcher.plan(instance, image, { ...wish, bus: each });
    } catch (error) {
      if (!(error instanceof Refusal) || error.reason !== "BUS_NOT_AVAILABLE") throw error;
    }
  }
  try {
    return await launcher.plan(instance, image, { ...wish, ...asked });
  } catch (error) {
    throw refusalFor(content, error);
  }
}

/** The drive's rows: it belongs to its instance from the first commit on, so that nothing finds it without. */
function openingOf(deps: Dependencies, drive: Drive, spec: Spec, instance: Instance, device: Device): DriveOpening {
  const { id: instanceId, host, createdAt } = instance;
  const attachment = {
    instanceId,
    host,
    device,
    createdAt,
    state: "ATTACHED",
    desiredGeneration: 1,
    observedGeneration: 0,
  } as const;
  return {
    operation: {
      id: deps.newId(),
      driveId: drive.id,
      kind: "populate",
      failure: undefined,
      force: false,
      request: undefined,
      startedAt: createdAt,
    },
    drive: { ...drive, attachments: [attachment], lastInstanceId: instanceId },
    from: undefined,
    spec: { generation: 1, spec },
    mostDrives: deps.limits.drivesPerProject,
  };
}
