import type { WriteStream } from "node:tty";

/** Something that goes on by itself, and how long it took. */
export class Started<T> {
  /** Milliseconds from the start to the end; 0 until then. */
  ms = 0;

  constructor(readonly result: Promise<T>) {
    const start = performance.now();
    const stop = () => {
      this.ms = performance.now() - start;
    };
    result.then(stop, stop);
  }
}

/** Where a story is told: ticks, times and colours on a terminal, plain lines elsewhere. */
export class Terminal {
  private readonly live: boolean;
  private readonly colour: boolean;
  private muted = false;

  constructor(
    private readonly out: NodeJS.WriteStream & Partial<Pick<WriteStream, "isTTY">>,
    env: NodeJS.ProcessEnv,
  ) {
    this.live = out.isTTY === true && env.TERM !== "dumb";
    this.colour = this.live && (env.NO_COLOR ?? "") === "";
  }

  title(text: string): void {
    this.line(this.paint("1", text));
  }

  /** A part of the story. */
  chapter(text: string): void {
    this.line(`\n${this.paint("1", text)}`);
  }

  /** One thing that is done: named while it goes on (on a terminal), ticked with its time when it is over, crossed when it failed. */
  async step<T>(what: string, action: (() => Promise<T>) | Started<T>): Promise<T> {
    if (this.live) this.write(`  · ${what}`);
    const started = action instanceof Started ? action : new Started(action());
    try {
      const result = await started.result;
      this.finish(this.paint("32", "✓"), what, started.ms);
      return result;
    } catch (error) {
      this.finish(this.paint("31", "✗"), what, started.ms);
      throw error;
    }
  }

  /** Something that belongs to the step above. */
  detail(text: string): void {
    this.line(this.paint("2", `      ${text}`));
  }

  line(text = ""): void {
    this.write(`${text}\n`);
  }

  /** Says a last thing that is always heard, and nothing of what still goes on. */
  interrupt(text: string): void {
    if (this.live) this.write("\r\x1b[K");
    this.line(text);
    this.muted = true;
  }

  /** Speaks again after `interrupt`. */
  resume(): void {
    this.muted = false;
  }

  /** How long something took, as a person likes to read it. */
  static time(ms: number): string {
    return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
  }

  private finish(mark: string, what: string, ms: number): void {
    if (this.live) this.write("\r\x1b[K");
    this.line(`  ${mark} ${what.padEnd(72)} ${Terminal.time(ms).padStart(8)}`);
  }

  private write(text: string): void {
    if (!this.muted) this.out.write(text);
  }

  private paint(code: string, text: string): string {
    return this.colour ? `\x1b[${code}m${text}\x1b[0m` : text;
  }
}
