import { until } from "#integration/rigs/wait.js";
import { type Case, put, seen, wait } from "../case.js";
import { sampleIso, twoGenerations } from "../sample-image.js";

/** How long a backend that hangs is waited for. */
const ANSWER_MS = 500;
const unreachable = { reason: "HYPERVISOR_UNREACHABLE" };

/** Backends that go away, hang, or do not want us. */
export const backendCases: readonly Case[] = [
  {
    title: "backend restarted: it still shows the drive, and changes and takes it",
    capability: "the daemon restarts",
    needs: ["restarts"],
    run: async ({ backend, hypervisor, form, driveId, running }) => {
      const instance = await running();
      const [first, second] = await twoGenerations(backend.images, driveId);
      const device = await put(hypervisor, instance.id, first, form);
      await instance.reads(first);
      await backend.restart?.();
      expect(await seen(hypervisor, instance.id)).toEqual({ [driveId]: 1 });
      await instance.reads(first);
      await hypervisor.refresh(instance.id, second, device, false, wait());
      await instance.reads(second);
      await backend.restart?.();
      await hypervisor.detach(instance.id, driveId, device, false, wait());
      await instance.reads();
    },
  },
  {
    title: "backend hanging: every step ends by the limit or the caller's deadline, and goes on when it is back",
    capability: "the backend hangs",
    needs: ["hangs"],
    run: async ({ backend, hypervisor, form, driveId, running }) => {
      const instance = await running();
      const [first, second] = await twoGenerations(backend.images, driveId);
      const device = await put(hypervisor, instance.id, first, form);
      const hasty = backend.open({ answerMs: ANSWER_MS, unplugMs: ANSWER_MS });
      {
        await using _hanging = await instance.hang?.();
        await expect(hypervisor.observe(instance.id, wait(200))).rejects.toMatchObject({ reason: "DEADLINE_EXCEEDED" });
        await expect(hasty.choose(instance.id, second, form, wait())).rejects.toMatchObject(unreachable);
        await expect(hasty.refresh(instance.id, second, device, false, wait())).rejects.toMatchObject(unreachable);
        await expect(hasty.detach(instance.id, driveId, device, false, wait())).rejects.toMatchObject(unreachable);
        await expect(hasty.observe(instance.id, wait())).rejects.toMatchObject(unreachable);
      }
      // What waited for the backend is still being let go of.
      await until(20_000, "the backend to answer", () =>
        hypervisor.observe(instance.id, wait()).catch((error: unknown) => {
          expect(error).toMatchObject(unreachable);
          return undefined;
        }),
      );
      expect(await seen(hypervisor, instance.id)).toEqual({ [driveId]: 1 });
      await hypervisor.refresh(instance.id, second, device, false, wait());
      await instance.reads(second);
      await hypervisor.detach(instance.id, driveId, device, false, wait());
      await instance.reads();
      await hasty.close();
    },
  },
  {
    title: "credentials wrong: nothing is seen or changed, and the guest has what it had",
    capability: "wrong credentials",
    needs: ["credentials"],
    run: async ({ backend, hypervisor, form, driveId, running }) => {
      const instance = await running();
      const image = await sampleIso(backend.images, driveId, 1);
      const device = await put(hypervisor, instance.id, image, form);
      const stranger = backend.openAsStranger?.({ answerMs: 20_000, unplugMs: 20_000 });
      expect(stranger).toBeDefined();
      if (stranger === undefined) return;
      await expect(stranger.choose(instance.id, image, form, wait())).rejects.toMatchObject(unreachable);
      await expect(stranger.detach(instance.id, driveId, device, true, wait())).rejects.toMatchObject(unreachable);
      await expect(stranger.observe(instance.id, wait())).rejects.toMatchObject(unreachable);
      await instance.reads(image);
      await hypervisor.detach(instance.id, driveId, device, false, wait());
      await stranger.close();
    },
  },
];
