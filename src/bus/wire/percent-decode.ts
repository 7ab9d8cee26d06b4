/** Decodes `%XX` as UTF-8, as Python's `unquote` does: a `%` that starts no pair stays, bytes that are no UTF-8 become U+FFFD. */
export function percentDecode(text: string): string {
  return text.replace(/(?:%[0-9A-Fa-f]{2})+/g, (pairs) =>
    Buffer.from(pairs.replaceAll("%", ""), "hex").toString("utf8"),
  );
}
