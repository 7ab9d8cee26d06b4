import { z } from "zod";

/**
 * What the adapter writes beside a config drive into a node's `instance_info`: Ironic shows nobody which one it holds
 * (`configdrive: "******"`), and clears both when the instance goes.
 */
export const MARK = "configdrive_bridge";

const form = z.object({
  drive: z.uuid(),
  /** The generation that the node's disk holds, or gets at its deploy; 0 while that is being changed, or is not known. */
  generation: z.int().min(0),
  /** While a rebuild is under way: the generation that it writes, 0 for none. */
  writing: z.int().min(0).optional(),
});

/** Which drive of ours a node has. */
export type Mark = z.infer<typeof form>;

/** Reads a mark; `undefined` for none, and for what is not in its form. */
export function readMark(value: unknown): Mark | undefined {
  return form.safeParse(value).data;
}
