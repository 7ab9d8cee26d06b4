import { isKeptNumber, type Json } from "./document.js";

function ascii(text: string): string {
  return JSON.stringify(text).replace(
    /[\u007f-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/**
 * JSON text byte for byte as nova writes it on a drive (Python's `json.dumps` by default): a blank behind each comma and colon,
 * ASCII only, keys in the order given.
 */
export function pythonJson(value: Json): string {
  if (typeof value === "string") return ascii(value);
  if (typeof value !== "object" || value === null || isKeptNumber(value)) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(pythonJson).join(", ")}]`;
  const members = Object.entries(value).map(([key, member]) => `${ascii(key)}: ${pythonJson(member)}`);
  return `{${members.join(", ")}}`;
}
