import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { copyFile } from "node:fs/promises";
import { resolve } from "node:path";

const folder = resolve(".cache/crash");

/** What happened in one schedule, line by line, kept in `.cache/crash/`. */
export class Journal {
  private readonly lines: string[] = [];
  private readonly begun = performance.now();
  private readonly path: string;

  constructor(private readonly name: string) {
    mkdirSync(folder, { recursive: true });
    this.path = resolve(folder, `${name}.log`);
    rmSync(this.path, { force: true });
    rmSync(this.serviceLog, { force: true });
  }

  note(line: string): void {
    this.lines.push(`${((performance.now() - this.begun) / 1000).toFixed(3)} ${line}`);
  }

  /** Writes it down. */
  keep(): void {
    writeFileSync(this.path, `${this.lines.join("\n")}\n`);
  }

  /** Writes it down with the service's log beside it, and gives what to tell of a schedule that failed. */
  async keepFailure(serviceLog: string | undefined): Promise<string> {
    this.keep();
    if (serviceLog !== undefined) await copyFile(serviceLog, this.serviceLog);
    return `${this.name} failed; ${this.path} and ${this.serviceLog}:\n${this.lines.join("\n")}`;
  }

  private get serviceLog(): string {
    return resolve(folder, `${this.name}.service.log`);
  }
}
