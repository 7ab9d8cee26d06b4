import type { Command } from "commander";
import type { Screen } from "../screen.js";
import { parseSeconds } from "./seconds.js";

/** What the commands take from the process: tests give them their own. */
export interface Surroundings {
  readonly env: NodeJS.ProcessEnv;
  readonly write: (text: string) => void;
  readonly screen: Screen;
  readonly newRequestId: () => string;
  readonly now: () => Date;
}

/** What every command that calls the service takes. */
export interface SessionOptions {
  readonly server: string;
  /** PEM files: who may vouch for the service, and what we show it. */
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly project?: string;
  readonly timeout: number;
  readonly json?: boolean;
}

/** Where a service listens whose configuration does not say otherwise. */
const DEFAULT_SERVER = "unix:/run/configdrive/grpc.sock";

/** Adds a command that calls the service, with the options that all of them share. */
export function driveCommand(parent: Command, usage: string, description: string, { env }: Surroundings): Command {
  return serviceOptions(parent.command(usage).description(description), env).option(
    "--json",
    "print the answer as JSON, as the bus gives it",
  );
}

/** Adds the options that say which service is called, for whom, and for how long. */
export function serviceOptions(command: Command, env: NodeJS.ProcessEnv): Command {
  return command
    .option(
      "--server <address>",
      "where the service serves gRPC (CONFIGDRIVE_SERVER)",
      env.CONFIGDRIVE_SERVER ?? DEFAULT_SERVER,
    )
    .option("--ca <file>", "speak TLS with a service that these vouch for, in PEM (CONFIGDRIVE_CA)", env.CONFIGDRIVE_CA)
    .option("--cert <file>", "the certificate to show it (CONFIGDRIVE_CERT)", env.CONFIGDRIVE_CERT)
    .option("--key <file>", "the key of that certificate (CONFIGDRIVE_KEY)", env.CONFIGDRIVE_KEY)
    .option("--timeout <seconds>", "how long to wait; what was begun goes on", parseSeconds, 60)
    .option("--project <id>", "whose drives (OS_PROJECT_ID)", env.OS_PROJECT_ID);
}
