import { randomBytes } from "node:crypto";

/** Secrets that are planted, one for each place, and looked for in whatever the service says of itself. */
export class Canaries {
  readonly #planted = new Map<string, string>();

  /** The secret for a place: the same one each time, letters and digits only. */
  at(place: string): string {
    const known = this.#planted.get(place);
    if (known !== undefined) return known;
    const made = `canary${randomBytes(12).toString("hex")}`;
    this.#planted.set(place, made);
    return made;
  }

  get places(): readonly string[] {
    return [...this.#planted.keys()];
  }

  /** The places whose secret stands in the bytes: as it is, in hexadecimal, or in base64 wherever it begins. */
  foundIn(bytes: string | Uint8Array): string[] {
    const text = Buffer.from(bytes).toString("latin1");
    return [...this.#planted].flatMap(([place, secret]) =>
      forms(secret).some((form) => text.includes(form)) ? [place] : [],
    );
  }
}

function forms(secret: string): readonly string[] {
  const hex = Buffer.from(secret).toString("hex");
  const inBase64 = [0, 1, 2].flatMap((before) =>
    (["base64", "base64url"] as const).map((encoding) => {
      const whole = Buffer.from("\0".repeat(before) + secret).toString(encoding);
      // The first and the last characters depend on what stands beside it.
      return whole.replace(/=+$/, "").slice(before === 0 ? 0 : 4, -2);
    }),
  );
  return [secret, hex, hex.toUpperCase(), ...inBase64];
}
