import type { Logger } from "pino";
import type { Catalog } from "#drive/catalog.js";
import { Refusal } from "#drive/refusal.js";
import { type Repeated, repeat } from "./repeat.js";

/** Copies the catalog into a file every so often, the first time at once. A copy that cannot be made is told, and tried again. */
export function backUpCatalog(
  catalog: Pick<Catalog, "backUp">,
  file: string,
  everyMs: number,
  logger: Logger,
): Pick<Repeated, "stop"> {
  const copy = async () => {
    try {
      await catalog.backUp(file);
      logger.info({ event: "catalog_backed_up", file }, "the catalog was backed up");
    } catch (error) {
      const { message } = error instanceof Refusal ? error : new Error(String(error));
      logger.error({ event: "catalog_not_backed_up", file }, `the catalog was not backed up: ${message}`);
    }
  };
  const first = copy();
  const later = repeat(everyMs, copy);
  return {
    async stop() {
      await Promise.all([first, later.stop()]);
    },
  };
}
