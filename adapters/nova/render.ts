import { z } from "zod";
import type { RenderedFile, Wait } from "#drive/hypervisor.js";
import type { ComputePlugin } from "./compute-plugin.js";

const file = z.union([
  z.strictObject({ path: z.string(), content: z.base64() }),
  z.strictObject({ path: z.string(), same_as: z.string() }),
]);
const answer = z.object({ files: z.array(file) });

/** The files that nova would put into the instance's own drive now. */
export async function render(
  plugin: ComputePlugin,
  instanceId: string,
  driveId: string,
  wait: Wait,
): Promise<readonly RenderedFile[]> {
  const args = { instance_id: instanceId, drive_id: driveId };
  const { files } = answer.parse(await plugin.ask("render_drive", args, wait));
  return files.map((rendered) =>
    "same_as" in rendered
      ? { path: rendered.path, data: { kind: "same_as", path: rendered.same_as } }
      : { path: rendered.path, data: { kind: "content", bytes: Buffer.from(rendered.content, "base64") } },
  );
}
