import type { MessageFormat } from "./message.js";
import type { RabbitOptions } from "./options.js";

/** How a transport with these options writes bodies (`kombu_compression`). */
export function bodyFormat(options: RabbitOptions): MessageFormat {
  return options.kombu_compression === "gzip" ? { compression: "gzip" } : {};
}
