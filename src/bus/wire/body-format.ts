import { compressionNamed } from "./compression.js";
import type { MessageFormat } from "./message.js";
import type { RabbitOptions } from "./options.js";

/** How a transport with these options writes bodies (`kombu_compression`). */
export function bodyFormat({ kombu_compression: name }: Pick<RabbitOptions, "kombu_compression">): MessageFormat {
  const compression = compressionNamed(name);
  return compression === undefined ? {} : { compression };
}
