import { CommandFailure } from "../failure.js";

/**
 * The time stamped into an image: what was asked for, else SOURCE_DATE_EPOCH (seconds since 1970,
 * reproducible-builds.org/specs/source-date-epoch), else now. Throws `CommandFailure`.
 */
export function imageTime(asked: string | undefined, environment: NodeJS.ProcessEnv, now: () => Date): Date {
  const epoch = environment.SOURCE_DATE_EPOCH;
  if (asked === undefined && epoch === undefined) return now();
  const name = asked === undefined ? "SOURCE_DATE_EPOCH" : "--time";
  const text = asked ?? epoch ?? "";
  const time = /^\d+$/.test(text) ? new Date(Number(text) * 1000) : new Date(asked === undefined ? Number.NaN : text);
  if (Number.isNaN(time.getTime())) {
    const form =
      asked === undefined ? "seconds since 1970" : "seconds since 1970, or a date such as 2026-01-31T12:00:00Z";
    throw new CommandFailure(`${name}: must be ${form} (got ${JSON.stringify(text)})`);
  }
  return time;
}
