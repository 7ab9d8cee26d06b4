import { formatWish } from "#api/messages/image-format.js";
import type { Wait } from "#drive/hypervisor.js";
import type { ImageStore } from "#drive/image-store.js";
import { type Launchable, type Launcher, launchNotAvailable, type ShownDrive } from "#drive/launcher.js";
import { Refusal } from "#drive/refusal.js";
import type {
  Launchable as LaunchableMessage,
  ShownDrive as ShownDriveMessage,
} from "#gen/configdrive/agent/v1/agent.js";
import { deviceMessage, deviceOf, wishOf } from "../messages/device.js";
import { fenceOf, instanceFenceOf } from "../messages/fence.js";
import type { Guard } from "./guard.js";
import type { Handlers } from "./handler.js";
import { placedImage } from "./placed-image.js";

export interface LaunchHandling {
  readonly host: string;
  readonly images: Pick<ImageStore, "locate">;
  /** What runs instances here; unset where nothing does. */
  readonly launcher: Launcher | undefined;
  readonly guard: Guard;
}

type LaunchMethods = "PlanInstance" | "LaunchInstance" | "StopInstance" | "DestroyInstance" | "ProbeInstance";

/** What services do to run instances on this host. Refusals: LAUNCH_NOT_AVAILABLE, the guard's and the launcher's. */
export function launchHandlers({ host, images, launcher, guard }: LaunchHandling): Pick<Handlers, LaunchMethods> {
  const launching = () => {
    if (launcher === undefined) throw launchNotAvailable(host);
    return launcher;
  };
  return {
    PlanInstance: async (request) => {
      const { instanceId, driveId, sizeBytes } = request;
      const format = formatWish(request.format);
      if (format === undefined) throw unknownFormat();
      const image = { driveId, format, sizeBytes: Number(sizeBytes) };
      const device = await launching().plan(launchableOf(instanceId, request.launchable), image, wishOf(request));
      return { device: deviceMessage(device) };
    },
    LaunchInstance: async (request, wait) => {
      const fence = instanceFenceOf(request.fence);
      const instance = launchableOf(fence.instanceId, request.launchable);
      await guard.run(fence, wait, (until) =>
        withDrives({ images, guard }, request.drives, [], until, (drives, all) =>
          launching().launch(instance, drives, all),
        ),
      );
      return {};
    },
    StopInstance: async (request, wait) => {
      const fence = instanceFenceOf(request.fence);
      await guard.run(fence, wait, (until) => launching().stop(fence.instanceId, request.graceMs, until));
      return {};
    },
    DestroyInstance: async (request, wait) => {
      const fence = instanceFenceOf(request.fence);
      await guard.run(fence, wait, (until) => launching().destroy(fence.instanceId, until));
      return {};
    },
    ProbeInstance: async (request, wait) => {
      const fence = instanceFenceOf(request.fence);
      return { runs: await guard.run(fence, wait, (until) => launching().runs(fence.instanceId, until)) };
    },
  };
}

/** Runs a command about all these drives: it is one command of each, which a newer one of any of them ends. */
async function withDrives(
  { images, guard }: Pick<LaunchHandling, "images" | "guard">,
  [next, ...others]: readonly ShownDriveMessage[],
  drives: readonly ShownDrive[],
  wait: Wait,
  work: (drives: readonly ShownDrive[], wait: Wait) => Promise<void>,
): Promise<void> {
  if (next === undefined) return await work(drives, wait);
  const fence = fenceOf(next.fence);
  await guard.run(fence, wait, async (until) => {
    const image = await placedImage(images, fence, next.image);
    const { deleteOnTermination } = next;
    const drive = { revision: fence.revision, image, device: deviceOf(next.device), deleteOnTermination };
    await withDrives({ images, guard }, others, [...drives, drive], until, work);
  });
}

function launchableOf(id: string, message: LaunchableMessage | undefined): Launchable {
  const { name = "", launchIndex = 0, template = "" } = message ?? {};
  return { id, name, launchIndex, template };
}

function unknownFormat(): Refusal {
  const rule = "must be one that this agent knows";
  return new Refusal("INVALID_ARGUMENT", `format: ${rule}`, { violations: [{ field: "format", rule }] });
}
