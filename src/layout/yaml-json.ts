import type { Json } from "./document.js";

/**
 * JSON text that is YAML 1.1 as well. YAML reads `\ud83d\ude00` as two characters that are none, and takes NEL, LS and PS in a quoted
 * text for line breaks (YAML 1.1, 5.4 and 7.3.1), so characters outside the basic plane stand as themselves and those that YAML does
 * not print (5.1) are escaped.
 */
export function yamlJson(value: Json): string {
  const text = JSON.stringify(value, undefined, 2);
  const escaped = text.replace(
    /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
  return `${escaped}\n`;
}
