import type { LineChannel } from "./lines.js";
import type { Preload } from "./service.js";

/** What a process says that has loaded the program and waits for its beginning. */
const LOADED = "loaded";

/**
 * Has a service stand still before and after everything that lasts or that somebody else sees (`stops.ts`).
 * @param onStep - hears of each step, such as `before catalog.close`; the process goes on when what it gives resolves, and meanwhile
 *   anybody can be killed, the process too. It must not reject.
 */
export function stepping(onStep: (at: string) => Promise<void>): Preload {
  const attend = async (lines: LineChannel) => {
    for (let at = await lines.next(); at !== undefined; at = await lines.next()) {
      if (at !== LOADED) await onStep(at);
      if (!lines.gone) lines.send("");
    }
  };
  return {
    module: new URL("../../dist/integration/rigs/stops.js", import.meta.url).href,
    started: (lines) => void attend(lines),
  };
}
