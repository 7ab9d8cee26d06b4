/**
 * A transport URL or option that cannot work, refused at start. The message names the part that is wrong and the rule it breaks;
 * it never repeats the text of a URL, because a misplaced character there is often part of a password.
 */
export class BusConfigError extends Error {
  override readonly name = "BusConfigError";
  /** @param part what is wrong: an option's name, or a part of the URL such as `transport_url: host 2: port` */
  constructor(
    readonly part: string,
    readonly rule: string,
  ) {
    super(`${part}: ${rule}`);
  }
}
