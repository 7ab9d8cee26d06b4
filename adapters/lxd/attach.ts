import type { PlacedImage } from "#drive/hypervisor.js";
import { Refusal } from "#drive/refusal.js";
import { Container } from "./container.js";
import { detach } from "./detach.js";
import type { Place } from "./place.js";

/** Lays the drive's files out and shows them. The same attach again is a success. */
export async function attach(container: Container, { trees, pathFor }: Place, image: PlacedImage): Promise<void> {
  const { driveId, generation } = image;
  const own = container.drives.find((drive) => drive.driveId === driveId);
  if (own?.generation === generation) return;
  if (own !== undefined) throw otherGeneration(container, image, own.generation);
  try {
    await trees.put(image, container.owner, container.use.signal);
    await container.show(driveId, trees.folder(driveId, generation), pathFor(driveId));
    await requireShown(container, image);
  } catch (error) {
    // What cannot be taken back now is found by the next look.
    const signal = AbortSignal.timeout(container.use.api.answerMs);
    await Container.read({ ...container.use, signal })
      .then((now) => detach(now, trees, driveId))
      .catch(() => undefined);
    throw error;
  }
}

/** Success means seen. Refuses with HYPERVISOR_FAILED. */
export async function requireShown({ use }: Container, { driveId, generation }: PlacedImage): Promise<void> {
  const { drives } = await Container.read(use);
  if (drives.some((drive) => drive.driveId === driveId && drive.generation === generation)) return;
  throw new Refusal(
    "HYPERVISOR_FAILED",
    `LXD reported success, and instance ${use.instanceId} does not have the drive`,
    {
      metadata: { hypervisor: "lxd", instance_id: use.instanceId },
    },
  );
}

function otherGeneration({ use }: Container, image: PlacedImage, shown: number): Refusal {
  return new Refusal(
    "DEVICE_BUSY",
    `instance ${use.instanceId} has drive ${image.driveId} already, with generation ${shown}: refresh it to show ${image.generation}`,
    { metadata: { hypervisor: "lxd", instance_id: use.instanceId } },
  );
}
