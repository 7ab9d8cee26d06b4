/** How every command ends, by sysexits.h where it has a number. `--help` and docs/cli.md tell them. */
export const EXIT_CODES = {
  done: { code: 0, means: "done" },
  refused: { code: 1, means: "refused or failed; diff of two images, verify, doctor: something was found" },
  usage: { code: 64, means: "the command line is wrong" },
  unreachable: { code: 69, means: "no service answers there" },
  fault: { code: 70, means: "a fault of this program" },
  later: { code: 75, means: "not now: the same may succeed later" },
  config: { code: 78, means: "the configuration cannot be used" },
} as const;

/** The end of `configdrive --help`. */
export function exitCodeHelp(): string {
  return [
    "\nExit codes:",
    ...Object.values(EXIT_CODES).map(({ code, means }) => `  ${String(code).padEnd(3)} ${means}`),
  ].join("\n");
}
