/** XDR (RFC 4506), as much of it as libvirt's remote protocol uses: everything is big-endian and padded to four bytes. */

/** What was received is not what the type says. */
export class XdrError extends Error {
  override readonly name = "XdrError";
}

/** Writes values one after the other. */
export class XdrWriter {
  readonly #parts: Buffer[] = [];

  /** An unsigned integer of 32 bits (4.2). */
  uint(value: number): this {
    const part = Buffer.alloc(4);
    part.writeUInt32BE(value);
    this.#parts.push(part);
    return this;
  }

  /** A signed integer of 32 bits (4.1). */
  int(value: number): this {
    const part = Buffer.alloc(4);
    part.writeInt32BE(value);
    this.#parts.push(part);
    return this;
  }

  /** An unsigned integer of 64 bits (4.5). */
  uhyper(value: number): this {
    const part = Buffer.alloc(8);
    part.writeBigUInt64BE(BigInt(value));
    this.#parts.push(part);
    return this;
  }

  /** Bytes whose number both sides know (4.9). */
  fixedOpaque(bytes: Uint8Array): this {
    this.#parts.push(Buffer.from(bytes), Buffer.alloc(padding(bytes.length)));
    return this;
  }

  /** Text in UTF-8 with its length in bytes before it (4.11). */
  string(text: string): this {
    const bytes = Buffer.from(text, "utf8");
    return this.uint(bytes.length).fixedOpaque(bytes);
  }

  /** A value that may be missing: one word says whether it follows (4.19). */
  optional<T>(value: T | undefined, write: (writer: this, value: T) => unknown): this {
    this.uint(value === undefined ? 0 : 1);
    if (value !== undefined) write(this, value);
    return this;
  }

  /** Everything written. */
  bytes(): Buffer {
    return Buffer.concat(this.#parts);
  }
}

/** Reads values one after the other; throws `XdrError` where the bytes end too early or break the type. */
export class XdrReader {
  #offset = 0;

  constructor(private readonly data: Buffer) {}

  uint(): number {
    return this.#take(4).readUInt32BE();
  }

  int(): number {
    return this.#take(4).readInt32BE();
  }

  /** An unsigned integer of 64 bits (4.5), as far as a number holds one exactly. */
  uhyper(): number {
    const value = this.#take(8).readBigUInt64BE();
    if (value > Number.MAX_SAFE_INTEGER) throw new XdrError(`${value} is more than a number holds`);
    return Number(value);
  }

  fixedOpaque(length: number): Buffer {
    const bytes = this.#take(length);
    if (this.#take(padding(length)).some((byte) => byte !== 0)) throw new XdrError("padding is not zero");
    return bytes;
  }

  /** Text; `maxBytes` is the limit that the protocol sets to it. */
  string(maxBytes: number): string {
    const length = this.uint();
    if (length > maxBytes) throw new XdrError(`a string of ${length} bytes is longer than ${maxBytes}`);
    return this.fixedOpaque(length).toString("utf8");
  }

  optional<T>(read: (reader: this) => T): T | undefined {
    return this.#flag() ? read(this) : undefined;
  }

  /** A list with its length before it (4.13). */
  list<T>(maxItems: number, read: (reader: this) => T): T[] {
    const length = this.uint();
    if (length > maxItems) throw new XdrError(`a list of ${length} items is longer than ${maxItems}`);
    return Array.from({ length }, () => read(this));
  }

  /** Throws unless everything was read. */
  end(): void {
    const left = this.data.length - this.#offset;
    if (left !== 0) throw new XdrError(`${left} bytes are left over`);
  }

  #flag(): boolean {
    const value = this.uint();
    if (value > 1) throw new XdrError(`a switch is ${value}, not 0 or 1`);
    return value === 1;
  }

  #take(length: number): Buffer {
    const end = this.#offset + length;
    if (end > this.data.length)
      throw new XdrError(`${length} bytes are wanted, ${this.data.length - this.#offset} left`);
    const taken = this.data.subarray(this.#offset, end);
    this.#offset = end;
    return taken;
  }
}

function padding(length: number): number {
  return (4 - (length % 4)) % 4;
}
