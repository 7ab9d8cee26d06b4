import { randomUUID } from "node:crypto";
import { type Case, put, seen, wait } from "../case.js";
import { sampleIso, twoGenerations } from "../sample-image.js";

/** How long a guest that stands still is asked for its disk. */
const IMPATIENT_MS = 700;

const CDROM = { kind: "cdrom", bus: "scsi" } as const;

/** Drives of instances that are not there, not on, or not yet up. */
export const instanceCases: readonly Case[] = [
  {
    title: "instance missing: refused, not observed, and nothing to detach",
    capability: "a missing instance is refused",
    needs: [],
    run: async ({ backend, hypervisor, form, driveId }) => {
      const image = await sampleIso(backend.images, driveId, 1);
      const reason = "INSTANCE_NOT_FOUND";
      const device = { ...form, name: "none", reason: "" };
      for (const missing of [randomUUID(), "nobody"]) {
        await expect(hypervisor.choose(missing, image, form, wait())).rejects.toMatchObject({ reason });
        await expect(hypervisor.attach(missing, image, device, wait())).rejects.toMatchObject({ reason });
        await expect(hypervisor.refresh(missing, image, device, false, wait())).rejects.toMatchObject({ reason });
        expect(await hypervisor.observe(missing, wait())).toBeUndefined();
        await hypervisor.detach(missing, driveId, device, false, wait());
      }
    },
  },
  {
    title: "first boot: what was given before the guest ran is there when it comes up",
    capability: "there at the first boot",
    needs: ["boots"],
    boots: true,
    run: async ({ backend, hypervisor, form, driveId, instance: make }) => {
      const instance = await make();
      await instance.stage();
      const image = await sampleIso(backend.images, driveId, 1);
      const device = await put(hypervisor, instance.id, image, form);
      expect(await seen(hypervisor, instance.id)).toEqual({ [driveId]: 1 });
      await instance.start();
      await instance.booted();
      await instance.reads(image);
      await hypervisor.detach(instance.id, driveId, device, false, wait());
      await instance.reads();
    },
  },
  {
    title: "not yet booted: a drive that comes while the guest boots is read, and one that shall go goes",
    capability: "given to and taken from a guest that boots",
    needs: ["boots"],
    boots: true,
    run: async ({ backend, hypervisor, form, driveId, instance: make }) => {
      const instance = await make();
      const [stays, goes] = [
        await sampleIso(backend.images, driveId, 1),
        await sampleIso(backend.images, randomUUID(), 1),
      ];
      await instance.start();
      const staying = await put(hypervisor, instance.id, stays, form);
      const device = await put(hypervisor, instance.id, goes, form);
      await hypervisor.detach(instance.id, goes.driveId, device, false, wait());
      expect(await seen(hypervisor, instance.id)).toEqual({ [driveId]: 1 });
      await instance.booted();
      await instance.reads(stays);
      await hypervisor.detach(instance.id, driveId, staying, false, wait());
      await instance.reads();
    },
  },
  {
    title: "shut off: nothing is attached that no start would show, and detach succeeds",
    capability: "shut off: refused, or given for the next start",
    needs: [],
    boots: true,
    run: async ({ backend, abilities, hypervisor, form, driveId, instance: make }) => {
      const instance = await make();
      const [first, second] = await twoGenerations(backend.images, driveId);
      const device = { ...form, name: "none", reason: "" };
      if (!abilities.includes("stores")) {
        const reason = expect.stringMatching(/^INSTANCE_NOT_(FOUND|RUNNING)$/);
        await expect(put(hypervisor, instance.id, first, form)).rejects.toMatchObject({ reason });
        expect(await seen(hypervisor, instance.id)).toBeUndefined();
        await hypervisor.detach(instance.id, driveId, device, false, wait());
        return;
      }
      const stored = await put(hypervisor, instance.id, first, form);
      await hypervisor.refresh(instance.id, second, stored, false, wait());
      expect(await seen(hypervisor, instance.id)).toEqual({ [driveId]: 2 });
      await instance.start();
      await instance.booted();
      await instance.reads(second);
      await instance.powerOff();
      await hypervisor.detach(instance.id, driveId, stored, false, wait());
      expect(await seen(hypervisor, instance.id)).toEqual({});
    },
  },
  {
    title: "gone and back: an instance that was switched off and on can be shown its drive again",
    capability: "an instance that went and came back",
    needs: [],
    boots: true,
    run: async ({ backend, hypervisor, form, driveId, instance: make }) => {
      const instance = await make();
      await instance.start();
      await instance.booted();
      const [first, second] = await twoGenerations(backend.images, driveId);
      const device = await put(hypervisor, instance.id, first, form);
      await instance.reads(first);
      await instance.powerOff();
      await instance.start();
      await instance.booted();
      // What the reconciler does: the drive comes again unless the backend kept it.
      if ((await seen(hypervisor, instance.id))?.[driveId] === undefined) {
        await put(hypervisor, instance.id, first, form);
      }
      await hypervisor.refresh(instance.id, second, device, false, wait());
      await instance.reads(second);
      await hypervisor.detach(instance.id, driveId, device, false, wait());
      await instance.reads();
    },
  },
  {
    title: "paused: a drive comes, a guest that stands still keeps a virtio disk, and lets it go when it runs again",
    capability: "paused: kept, and let go later",
    needs: ["pauses"],
    run: async ({ backend, hypervisor, driveId, running }) => {
      const instance = await running();
      const impatient = backend.open({ answerMs: 20_000, unplugMs: IMPATIENT_MS });
      const form = { kind: "disk", bus: "virtio" } as const;
      const [first, second] = await twoGenerations(backend.images, driveId);
      await instance.pause?.();
      const device = await put(hypervisor, instance.id, first, form);
      const reason = "DEVICE_BUSY";
      await expect(impatient.detach(instance.id, driveId, device, true, wait())).rejects.toMatchObject({ reason });
      await expect(impatient.refresh(instance.id, second, device, true, wait())).rejects.toMatchObject({ reason });
      expect(await seen(hypervisor, instance.id)).toEqual({ [driveId]: 1 });
      await expect(hypervisor.detach(instance.id, driveId, device, false, wait(300))).rejects.toMatchObject({
        reason: "DEADLINE_EXCEEDED",
      });
      await instance.resume?.();
      await hypervisor.detach(instance.id, driveId, device, false, wait());
      await instance.reads();
      await impatient.close();
    },
  },
  {
    title: "medium mounted and locked: neither refreshed nor taken, and the guest still reads it",
    capability: "a mounted medium is told, and kept",
    needs: ["mounts", "tells-locks"],
    run: async ({ backend, hypervisor, driveId, running }) => {
      const instance = await running();
      const [first, second] = await twoGenerations(backend.images, driveId);
      const device = await put(hypervisor, instance.id, first, CDROM);
      await instance.reads(first);
      await instance.mount?.();
      const reason = "DEVICE_LOCKED";
      await expect(hypervisor.refresh(instance.id, second, device, false, wait())).rejects.toMatchObject({ reason });
      await expect(hypervisor.detach(instance.id, driveId, device, false, wait())).rejects.toMatchObject({ reason });
      expect(await seen(hypervisor, instance.id)).toEqual({ [driveId]: 1 });
      await instance.reads(first);
      await instance.unmount?.();
      await hypervisor.detach(instance.id, driveId, device, false, wait());
      await instance.reads();
    },
  },
  {
    title: "medium mounted: by force it is changed and goes, and the guest lives",
    capability: "a mounted medium goes by force",
    needs: ["mounts"],
    run: async ({ backend, hypervisor, driveId, running }) => {
      const instance = await running();
      const [first, second] = await twoGenerations(backend.images, driveId);
      const device = await put(hypervisor, instance.id, first, CDROM);
      await instance.reads(first);
      await instance.mount?.();
      await hypervisor.refresh(instance.id, second, device, true, wait());
      expect(await seen(hypervisor, instance.id)).toEqual({ [driveId]: 2 });
      await instance.unmount?.();
      await instance.reads(second);
      await instance.mount?.();
      await hypervisor.detach(instance.id, driveId, device, true, wait());
      await instance.unmount?.();
      await instance.reads();
    },
  },
];
