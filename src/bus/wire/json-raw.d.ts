/** Raw JSON text (ECMAScript proposal "JSON.parse source text access", in V8 since 11.4), not yet in TypeScript's library. */
interface JSON {
  rawJSON(text: string): object;
}
