import type { PlacedImage } from "#drive/hypervisor.js";
import { attach, requireShown } from "./attach.js";
import { Container } from "./container.js";
import type { Place } from "./place.js";

/** Shows another generation's folder in the place of the old one, which goes once that was seen. */
export async function refresh(container: Container, place: Place, image: PlacedImage): Promise<void> {
  const { driveId, generation } = image;
  const { trees, pathFor } = place;
  const own = container.drives.find((drive) => drive.driveId === driveId);
  if (own === undefined || own.generation === generation) return await attach(container, place, image);
  await trees.put(image, container.owner, container.use.signal);
  try {
    await container.show(driveId, trees.folder(driveId, generation), pathFor(driveId));
    await requireShown(container, image);
  } catch (error) {
    const use = { ...container.use, signal: AbortSignal.timeout(container.use.api.answerMs) };
    const back = async () => {
      const now = await Container.read(use);
      if (now.drives.some((drive) => drive.driveId === driveId && drive.generation === generation)) {
        await now.show(driveId, trees.folder(driveId, own.generation), pathFor(driveId));
      }
      await trees.remove(driveId, generation);
    };
    // What cannot be taken back now is found by the next look.
    await back().catch(() => undefined);
    throw error;
  }
  await trees.remove(driveId, own.generation);
}
