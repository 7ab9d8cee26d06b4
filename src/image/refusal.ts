/**
 * Input that cannot become an image, said before anything is written.
 * `path` names the field or the entry, `rule` the limit and where it comes from.
 */
export class ImageRefusal extends Error {
  override readonly name = "ImageRefusal";
  constructor(
    readonly path: string,
    readonly rule: string,
    readonly value?: string | number,
  ) {
    super(
      `${path}: ${rule}${value === undefined ? "" : ` (got ${typeof value === "string" ? JSON.stringify(value) : value})`}`,
    );
  }
}
