import type { Container } from "./container.js";
import type { Trees } from "./trees.js";

/** Takes the device away, then the drive's files. What is not there is a success. */
export async function detach(container: Container, trees: Trees, driveId: string): Promise<void> {
  if (container.drives.some((drive) => drive.driveId === driveId)) await container.take(driveId);
  await trees.sweep(driveId);
}
