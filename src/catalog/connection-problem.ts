import { isAbsolute } from "node:path";
import { Refusal } from "#drive/refusal.js";
import { mariadbSettings } from "./mariadb/settings.js";
import { postgresqlSettings } from "./postgresql/settings.js";
import { parseServerUrl } from "./server-url.js";
import { sqliteFile } from "./sqlite/url.js";

/**
 * What is wrong with a connection URL, as far as that can be told without connecting; `undefined` when nothing is. A relative
 * file is refused: a service's working directory is not where anybody looks for drives. Tells nothing of the URL.
 */
export function connectionProblem(connection: string): string | undefined {
  const rule = "must be sqlite:////absolute/path (four slashes), postgresql://… or mysql://…";
  try {
    if (/^sqlite:/i.test(connection)) return isAbsolute(sqliteFile(connection)) ? undefined : rule;
    const address = parseServerUrl(connection);
    if (address === undefined) return rule;
    address.kind === "postgresql" ? postgresqlSettings(address) : mariadbSettings(address);
    return undefined;
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return error.violations[0]?.rule ?? rule;
  }
}
