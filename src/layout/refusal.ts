/** One rule that config data breaks. `path` names the field, such as `network_data.links[0].type`. */
export interface LayoutViolation {
  readonly path: string;
  readonly rule: string;
}

/** Config data that does not fit its layout; said before anything is written, every broken rule at once. */
export class LayoutRefusal extends Error {
  override readonly name = "LayoutRefusal";
  constructor(readonly violations: readonly LayoutViolation[]) {
    super(violations.map((violation) => `${violation.path}: ${violation.rule}`).join("; "));
  }
}
