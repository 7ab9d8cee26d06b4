import type { Observation } from "#drive/hypervisor.js";
import { nameOf } from "./names.js";
import type { Server } from "./server.js";
import { readVolume } from "./volume.js";

/** Which of our drives the server has: those whose volumes Cinder says that it has, in use or on their way out. */
export async function observe(server: Server): Promise<readonly Observation[]> {
  const { use } = server;
  const volumes = await Promise.all([...(await server.volumes()).keys()].map((id) => readVolume(use, id)));
  return volumes.flatMap((volume) => {
    if (volume?.driveId === undefined || !/^(in-use|detaching)$/.test(volume.status)) return [];
    const { driveId, generation } = volume;
    return [{ driveId, generation, deviceName: nameOf(driveId) }];
  });
}
