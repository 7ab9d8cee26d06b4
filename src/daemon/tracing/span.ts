/** One piece of work of a trace, over. */
export interface Span {
  /** 32 and 16 hexadecimal digits. */
  readonly traceId: string;
  readonly spanId: string;
  /** Unset for the first of its trace. */
  readonly parentId: string | undefined;
  readonly name: string;
  /** Whether it was carried out here for somebody, or asked of somebody else. */
  readonly kind: "server" | "client";
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  readonly endedAt: number;
  readonly attributes: Readonly<Record<string, string>>;
  /** The reason of what was refused or failed; unset where it was done. */
  readonly error: string | undefined;
}
