import type { Hypervisor, RenderedFile, Wait } from "./hypervisor.js";
import { Refusal } from "./refusal.js";

/** What an instance's own drive is to hold now. Refuses with RENDER_NOT_AVAILABLE where nobody on the host knows. */
export async function renderedBy(
  hypervisor: Hypervisor,
  instanceId: string,
  driveId: string,
  wait: Wait,
): Promise<readonly RenderedFile[]> {
  if (hypervisor.render !== undefined) return await hypervisor.render(instanceId, driveId, wait);
  throw new Refusal("RENDER_NOT_AVAILABLE", `no compute manager says what instance ${instanceId} is to know`, {
    metadata: { instance_id: instanceId },
  });
}
