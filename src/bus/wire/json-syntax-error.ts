/** Text that is not JSON, not even the JSON that Python writes. */
export class JsonSyntaxError extends Error {
  override readonly name = "JsonSyntaxError";
}
