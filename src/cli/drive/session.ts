import { readFileSync } from "node:fs";
import type { Command } from "commander";
import { methodOf } from "#api/contract.js";
import { encodeMessage } from "#api/encode.js";
import { ERRORS } from "#api/errors.js";
import { type ClientCall, DriveClient } from "#grpc/client.js";
import type { ClientTls } from "#grpc/client-tls.js";
import { RemoteError } from "#grpc/remote-error.js";
import { CommandFailure } from "../failure.js";
import { parseSeconds } from "./seconds.js";

/** What the commands take from the process: tests give them their own. */
export interface Surroundings {
  readonly env: NodeJS.ProcessEnv;
  readonly write: (text: string) => void;
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
  const command = parent
    .command(usage)
    .description(description)
    .option(
      "--server <address>",
      "where the service serves gRPC (CONFIGDRIVE_SERVER)",
      env.CONFIGDRIVE_SERVER ?? DEFAULT_SERVER,
    )
    .option("--ca <file>", "speak TLS with a service that these vouch for, in PEM (CONFIGDRIVE_CA)", env.CONFIGDRIVE_CA)
    .option("--cert <file>", "the certificate to show it (CONFIGDRIVE_CERT)", env.CONFIGDRIVE_CERT)
    .option("--key <file>", "the key of that certificate (CONFIGDRIVE_KEY)", env.CONFIGDRIVE_KEY)
    .option("--timeout <seconds>", "how long to wait; what was begun goes on", parseSeconds, 60)
    .option("--json", "print the answer as JSON, as the bus gives it");
  return command.option("--project <id>", "whose drives (OS_PROJECT_ID)", env.OS_PROJECT_ID);
}

/**
 * Calls the service and prints its answer: as JSON, or as `view` shows it.
 * Throws `CommandFailure` with the service's message and what to do about it.
 */
export async function callService<Response extends object>(
  method: string,
  options: SessionOptions,
  surroundings: Surroundings,
  call: (client: DriveClient, how: ClientCall) => Promise<Response>,
  view: (response: Response) => readonly string[],
): Promise<void> {
  using client = new DriveClient(options.server, tlsOf(options));
  await printAnswer(method, options, surroundings, (how) => call(client, how), view);
}

/** Makes a call and prints its answer, whatever client makes it. Throws as `callService`. */
export async function printAnswer<Response extends object>(
  method: string,
  options: SessionOptions,
  surroundings: Surroundings,
  call: (how: ClientCall) => Promise<Response>,
  view: (response: Response) => readonly string[],
): Promise<void> {
  const { write } = surroundings;
  const response = await call(howToCall(options, surroundings)).catch((error: unknown) => {
    throw forPeople(error, options.server);
  });
  if (options.json === true) write(`${JSON.stringify(encodeMessage(methodOf(method).response, response), null, 2)}\n`);
  else
    write(
      view(response)
        .map((line) => `${line}\n`)
        .join(""),
    );
}

/** How the service is dialled: with TLS as soon as somebody is named who vouches for it. Throws `CommandFailure`. */
export function tlsOf({ ca, cert, key }: SessionOptions): ClientTls | undefined {
  if (ca === undefined) {
    if (cert === undefined && key === undefined) return undefined;
    throw new CommandFailure("--cert and --key need --ca: who vouches for the service");
  }
  if ((cert === undefined) !== (key === undefined)) throw new CommandFailure("--cert and --key go together");
  const authorities = readFileSync(ca);
  if (cert === undefined || key === undefined) return { authorities };
  return { authorities, own: { certificate: readFileSync(cert), key: readFileSync(key) } };
}

/** Until when a command waits, and whose drives it is about. */
export function howToCall({ timeout, project }: SessionOptions, { env, now }: Surroundings): ClientCall {
  // Not an option: the arguments of a process can be read by everybody on its machine.
  const { OS_TOKEN: token = "" } = env;
  return {
    deadline: new Date(now().getTime() + timeout * 1000),
    ...(project === undefined ? {} : { projectId: project }),
    ...(token === "" ? {} : { token }),
  };
}

/** The service's refusal as a failure of the command: its message, and what to do about it. Anything else as it is. */
export function forPeople(error: unknown, server: string): unknown {
  return error instanceof RemoteError ? new CommandFailure(explain(error, server), { cause: error }) : error;
}

function explain(error: RemoteError, server: string): string {
  const row = Object.entries(ERRORS).find(([reason]) => reason === error.reason)?.[1];
  if (row === undefined) return `${server}: ${error.message}`;
  return `${error.message} (${error.reason})\n  ${row.advice}`;
}
