import { busWish, kindWish } from "#api/messages/device.js";
import type { Fence } from "#drive/hosts.js";
import type { Hypervisor, PlacedImage } from "#drive/hypervisor.js";
import type { ImageStore } from "#drive/image-store.js";
import { Refusal } from "#drive/refusal.js";
import type { ImageName } from "#gen/configdrive/agent/v1/agent.js";
import { deviceMessage, deviceOf } from "../messages/device.js";
import { fenceOf } from "../messages/fence.js";
import { imageNameOf } from "../messages/image-name.js";
import type { Guard } from "./guard.js";
import type { Handlers } from "./handler.js";

export interface DeviceHandling {
  readonly images: Pick<ImageStore, "locate">;
  readonly hypervisor: Hypervisor;
  readonly guard: Guard;
}

type DeviceMethods =
  | "ChooseDevice"
  | "AttachDevice"
  | "RefreshDevice"
  | "DetachDevice"
  | "ObserveInstance"
  | "FindInstance";

/** What services do with the instances of this host. An image is named, never given by its path: it is one that stands here. */
export function deviceHandlers({ images, hypervisor, guard }: DeviceHandling): Pick<Handlers, DeviceMethods> {
  const placed = ({ driveId }: Fence, name: ImageName | undefined) => placedImage(images, driveId, name);
  return {
    ChooseDevice: async (request, wait) => {
      const fence = fenceOf(request.fence);
      const [kind, bus] = [kindWish(request.kind), busWish(request.bus)];
      const wish = {
        ...(kind === undefined ? {} : { kind }),
        ...(bus === undefined ? {} : { bus }),
        ...(request.why === "" ? {} : { why: request.why }),
      };
      const device = await guard.run(fence, wait, async (until) =>
        hypervisor.choose(request.instanceId, await placed(fence, request.image), wish, until),
      );
      return { device: deviceMessage(device) };
    },
    AttachDevice: async (request, wait) => {
      const fence = fenceOf(request.fence);
      const device = deviceOf(request.device);
      await guard.run(fence, wait, async (until) =>
        hypervisor.attach(request.instanceId, await placed(fence, request.image), device, until),
      );
      return {};
    },
    RefreshDevice: async (request, wait) => {
      const fence = fenceOf(request.fence);
      const { instanceId, force } = request;
      const device = deviceOf(request.device);
      await guard.run(fence, wait, async (until) =>
        hypervisor.refresh(instanceId, await placed(fence, request.image), device, force, until),
      );
      return {};
    },
    DetachDevice: async (request, wait) => {
      const fence = fenceOf(request.fence);
      const { instanceId, force } = request;
      const device = deviceOf(request.device);
      await guard.run(fence, wait, (until) => hypervisor.detach(instanceId, fence.driveId, device, force, until));
      return {};
    },
    ObserveInstance: async (request, wait) => {
      const fence = fenceOf(request.fence);
      const seen = await guard.run(fence, wait, (until) => hypervisor.observe(request.instanceId, until));
      return { found: seen !== undefined, drives: seen?.map((observation) => ({ ...observation })) ?? [] };
    },
    FindInstance: async ({ instanceId }, wait) => {
      return { found: (await hypervisor.observe(instanceId, wait)) !== undefined };
    },
  };
}

async function placedImage(
  images: Pick<ImageStore, "locate">,
  driveId: string,
  name: ImageName | undefined,
): Promise<PlacedImage> {
  const image = imageNameOf(name);
  const path = await images.locate(driveId, image.generation, image.sizeBytes);
  if (path !== undefined) return { driveId, path, ...image };
  throw new Refusal(
    "STORAGE_FAILED",
    `generation ${image.generation} of drive ${driveId} does not stand on this host`,
    {
      metadata: { drive_id: driveId },
    },
  );
}
