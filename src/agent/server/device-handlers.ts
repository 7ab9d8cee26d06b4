import type { Hypervisor } from "#drive/hypervisor.js";
import type { ImageStore } from "#drive/image-store.js";
import { renderedBy } from "#drive/rendered-by.js";
import { deviceMessage, deviceOf, wishOf } from "../messages/device.js";
import { fenceOf } from "../messages/fence.js";
import { renderedMessage } from "../messages/rendered.js";
import type { Guard } from "./guard.js";
import type { Handlers } from "./handler.js";
import { placedImage } from "./placed-image.js";

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
  | "RenderInstance"
  | "FindInstance";

/** What services do with the instances of this host. An image is named, never given by its path: it is one that stands here. */
export function deviceHandlers({ images, hypervisor, guard }: DeviceHandling): Pick<Handlers, DeviceMethods> {
  return {
    ChooseDevice: async (request, wait) => {
      const fence = fenceOf(request.fence);
      const device = await guard.run(fence, wait, async (until) =>
        hypervisor.choose(request.instanceId, await placedImage(images, fence, request.image), wishOf(request), until),
      );
      return { device: deviceMessage(device) };
    },
    AttachDevice: async (request, wait) => {
      const fence = fenceOf(request.fence);
      const device = deviceOf(request.device);
      await guard.run(fence, wait, async (until) =>
        hypervisor.attach(request.instanceId, await placedImage(images, fence, request.image), device, until),
      );
      return {};
    },
    RefreshDevice: async (request, wait) => {
      const fence = fenceOf(request.fence);
      const { instanceId, force } = request;
      const device = deviceOf(request.device);
      await guard.run(fence, wait, async (until) =>
        hypervisor.refresh(instanceId, await placedImage(images, fence, request.image), device, force, until),
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
    RenderInstance: async (request, wait) => {
      const fence = fenceOf(request.fence);
      const { instanceId } = request;
      const files = await guard.run(fence, wait, (until) => renderedBy(hypervisor, instanceId, fence.driveId, until));
      return { files: renderedMessage(files) };
    },
    FindInstance: async ({ instanceId }, wait) => {
      return { found: (await hypervisor.observe(instanceId, wait)) !== undefined };
    },
  };
}
