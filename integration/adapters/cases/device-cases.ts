import { randomUUID } from "node:crypto";
import { blob, callOf, DriveServiceRig } from "#integration/rigs/drive-service.js";
import { type Case, put, seen, wait } from "../case.js";
import { lostImage, sampleBlob, sampleIso, twoGenerations } from "../sample-image.js";

/** Drives that come to, change in and go from an instance that runs. */
export const deviceCases: readonly Case[] = [
  {
    title: "exact bytes in the guest: a device that is plugged in, and the same attach again",
    capability: "plugged in while the guest runs",
    needs: [],
    run: async ({ backend, hypervisor, form, driveId, running }) => {
      const instance = await running();
      const image = await sampleIso(backend.images, driveId, 1);
      const device = await put(hypervisor, instance.id, image, form);
      expect(device).toMatchObject(form);
      expect(device.reason).not.toBe("");
      await instance.reads(image);
      await hypervisor.attach(instance.id, image, device, wait());
      await instance.reads(image);
      expect(await hypervisor.observe(instance.id, wait())).toEqual([
        { driveId, generation: 1, deviceName: device.name },
      ]);
      await hypervisor.detach(instance.id, driveId, device, false, wait());
    },
  },
  {
    title: "exact bytes in the guest: a blob on whatever device the adapter chooses",
    capability: "a blob, on the device that the adapter chooses",
    needs: ["disks"],
    run: async ({ backend, hypervisor, driveId, running }) => {
      const instance = await running();
      const image = await sampleBlob(backend.images, driveId, 1);
      const device = await put(hypervisor, instance.id, image, {});
      expect(device.kind).toBe("disk");
      await instance.reads(image);
      await hypervisor.detach(instance.id, driveId, device, false, wait());
    },
  },
  {
    title: "refresh: the guest reads the new generation, twice the same is once",
    capability: "refresh while the guest runs",
    needs: [],
    run: async ({ backend, hypervisor, form, driveId, running }) => {
      const instance = await running();
      const device = await put(hypervisor, instance.id, await sampleIso(backend.images, driveId, 1), form);
      for (const generation of [2, 3]) {
        const image = await sampleIso(backend.images, driveId, generation);
        for (let time = 0; time < 2; time += 1) {
          await hypervisor.refresh(instance.id, image, device, false, wait());
          expect(await seen(hypervisor, instance.id)).toEqual({ [driveId]: generation });
        }
        await instance.reads(image);
      }
      await hypervisor.detach(instance.id, driveId, device, false, wait());
    },
  },
  {
    title: "detach: the guest has nothing left, again is a success, and the drive can come back",
    capability: "detach, and back again",
    needs: [],
    run: async ({ backend, hypervisor, form, driveId, running }) => {
      const instance = await running();
      const image = await sampleIso(backend.images, driveId, 1);
      for (let time = 0; time < 2; time += 1) {
        const device = await put(hypervisor, instance.id, image, form);
        await instance.reads(image);
        await hypervisor.detach(instance.id, driveId, device, false, wait());
        expect(await seen(hypervisor, instance.id)).toEqual({});
        await hypervisor.detach(instance.id, driveId, device, false, wait());
        await instance.reads();
      }
    },
  },
  {
    title: "another generation is no attach: refused, and the guest keeps what it has",
    capability: "another generation is no attach",
    needs: [],
    run: async ({ backend, hypervisor, form, driveId, running }) => {
      const instance = await running();
      const [first, second] = await twoGenerations(backend.images, driveId);
      const device = await put(hypervisor, instance.id, first, form);
      await expect(hypervisor.attach(instance.id, second, device, wait())).rejects.toMatchObject({
        reason: "DEVICE_BUSY",
      });
      await instance.reads(first);
      await hypervisor.detach(instance.id, driveId, device, false, wait());
    },
  },
  {
    title: "elsewhere refused: a drive that one instance has is not given to another",
    capability: "attached elsewhere is refused",
    needs: [],
    run: async ({ hypervisor, form, running, instance: make }) => {
      const [holder, other] = [await running(), await make()];
      await other.stage();
      await using rig = await DriveServiceRig.open(hypervisor);
      const call = callOf("project", wait().signal);
      const attach = (driveId: string, instanceId: string) =>
        rig.service.attach({ requestId: randomUUID(), driveId, instanceId, host: "", ...form }, call);
      const { id } = await rig.service.populate(blob("x".repeat(4096)), call);
      await attach(id, holder.id);
      await expect(attach(id, other.id)).rejects.toMatchObject({ reason: "ATTACHED_ELSEWHERE" });
      expect(await seen(hypervisor, other.id)).toEqual({});
      expect(await seen(hypervisor, holder.id)).toEqual({ [id]: 1 });
      const detach = { requestId: randomUUID(), driveId: id, instanceId: "", force: false };
      await rig.service.detach(detach, call);
    },
  },
  {
    title: "two attaches at once: the same drive is there once, two drives are both there",
    capability: "two attaches at once",
    needs: [],
    drives: 3,
    run: async ({ backend, hypervisor, form, driveId, running }) => {
      const instance = await running();
      const image = await sampleIso(backend.images, driveId, 1);
      const device = await hypervisor.choose(instance.id, image, form, wait());
      await Promise.all([1, 2].map(() => hypervisor.attach(instance.id, image, device, wait())));
      await instance.reads(image);

      const others = await Promise.all([1, 2].map(() => sampleIso(backend.images, randomUUID(), 1)));
      const devices = await Promise.all(others.map((other) => put(hypervisor, instance.id, other, form)));
      await instance.reads(image, ...others);
      for (const [index, other] of others.entries()) {
        await hypervisor.detach(instance.id, other.driveId, devices[index] ?? device, false, wait());
      }
      await hypervisor.detach(instance.id, driveId, device, false, wait());
      await instance.reads();
    },
  },
  {
    title: "file gone: attach and refresh are refused, and the guest has what it had",
    capability: "a lost image is refused",
    needs: [],
    run: async ({ backend, hypervisor, form, driveId, running }) => {
      const instance = await running();
      const reason = "HYPERVISOR_FAILED";
      await expect(
        put(hypervisor, instance.id, await lostImage(backend.images, driveId, 1), form),
      ).rejects.toMatchObject({ reason });
      await instance.reads();
      const image = await sampleIso(backend.images, driveId, 2);
      const device = await put(hypervisor, instance.id, image, form);
      const lost = await lostImage(backend.images, driveId, 3);
      await expect(hypervisor.refresh(instance.id, lost, device, false, wait())).rejects.toMatchObject({ reason });
      expect(await seen(hypervisor, instance.id)).toEqual({ [driveId]: 2 });
      await instance.reads(image);
      await hypervisor.detach(instance.id, driveId, device, false, wait());
    },
  },
];
