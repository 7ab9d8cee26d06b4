import { readFileSync } from "node:fs";
import { status } from "@grpc/grpc-js";
import { methodOf } from "#api/contract.js";
import { encodeMessage } from "#api/encode.js";
import { ERRORS } from "#api/errors.js";
import { type ClientCall, DriveClient } from "#grpc/client.js";
import type { ClientTls } from "#grpc/client-tls.js";
import { RemoteError } from "#grpc/remote-error.js";
import { EXIT_CODES } from "../exit-code.js";
import { CommandFailure } from "../failure.js";
import type { Screen } from "../screen.js";
import { Waiting } from "../waiting.js";
import type { SessionOptions, Surroundings } from "./service-command.js";

/**
 * Calls the service and prints its answer: as JSON, or as `view` shows it.
 * Throws `CommandFailure` with the service's message and what to do about it.
 */
export async function callService<Response extends object>(
  method: string,
  options: SessionOptions,
  surroundings: Surroundings,
  call: (client: DriveClient, how: ClientCall) => Promise<Response>,
  view: (response: Response, screen: Screen) => readonly string[],
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
  view: (response: Response, screen: Screen) => readonly string[],
): Promise<void> {
  const { write, screen } = surroundings;
  const response = await answered(method, options, surroundings, call);
  if (options.json === true) write(`${JSON.stringify(encodeMessage(methodOf(method).response, response), null, 2)}\n`);
  else
    write(
      view(response, screen)
        .map((line) => `${line}\n`)
        .join(""),
    );
}

/** Waits for one call, and says so on a terminal. Throws as `callService`. */
export async function answered<Response>(
  what: string,
  options: SessionOptions,
  surroundings: Surroundings,
  call: (how: ClientCall) => Promise<Response>,
): Promise<Response> {
  using _waiting = new Waiting(what);
  return await call(howToCall(options, surroundings)).catch((error: unknown) => {
    throw forPeople(error, options.server);
  });
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
  return error instanceof RemoteError ? new CommandFailure(...explain(error, server), { cause: error }) : error;
}

/** What is said, and the exit code. */
function explain(error: RemoteError, server: string): [string, number] {
  const { later, refused, unreachable } = EXIT_CODES;
  const row = Object.entries(ERRORS).find(([reason]) => reason === error.reason)?.[1];
  const late = error.code === status.DEADLINE_EXCEEDED;
  const code = error.retryAfterMs !== undefined || late ? later.code : refused.code;
  if (row !== undefined) return [`${error.message} (${error.reason})\n  ${row.advice}`, code];
  if (late) return [`${server}: ${error.message} (DEADLINE_EXCEEDED)\n  ${ERRORS.DEADLINE_EXCEEDED.advice}`, code];
  if (error.code !== status.UNAVAILABLE) return [`${server}: ${error.message}`, code];
  const advice =
    "See that the service runs (systemctl status configdrive), that --server names it, and that its socket or your certificate lets you in.";
  return [`${server}: ${error.message}\n  ${advice}`, unreachable.code];
}
