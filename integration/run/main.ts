// make run: the whole path on real parts, told as a story. ONCE=1 ends after it, with 0 or 1; otherwise everything stays up
// until Ctrl-C. TRANSPORT_URL names a bus to use in place of a private RabbitMQ node.
import { Scope } from "#integration/rigs/scope.js";
import { blobOverGrpc } from "./blob.js";
import { Interrupted, interruption } from "./interruption.js";
import { whatNext } from "./next.js";
import { type Stage, setUp } from "./stage.js";
import { configDriveOverTheBus } from "./story.js";
import { Terminal } from "./terminal.js";

async function tell(terminal: Terminal, scope: Scope): Promise<void> {
  const start = performance.now();
  terminal.title("configdrive-bridge: one drive, the whole way");
  terminal.chapter("Real parts, all private to this run");
  const stage = await setUp(terminal, scope, process.env.TRANSPORT_URL);
  const driveId = await onFailure(stage, terminal, async () => {
    await configDriveOverTheBus(terminal, stage);
    return blobOverGrpc(terminal, stage);
  });
  terminal.line(`\nEverything was as asked for, in ${Terminal.time(performance.now() - start)}.`);
  if (process.env.ONCE !== "1") whatNext(terminal, stage, driveId);
}

/** Shows the end of the service's log when the story fails. */
async function onFailure<T>(stage: Stage, terminal: Terminal, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    const log = await stage.service.logged();
    terminal.line("\nThe end of the service's log:");
    for (const line of log.trimEnd().split("\n").slice(-15)) terminal.detail(line);
    throw error;
  }
}

async function main(): Promise<number> {
  const terminal = new Terminal(process.stdout, process.env);
  const interrupted = interruption();
  let code = 1;
  try {
    await using scope = new Scope();
    try {
      await Promise.race([tell(terminal, scope), interrupted]);
      code = 0;
      if (process.env.ONCE !== "1") await interrupted;
    } catch (error) {
      if (error instanceof Interrupted) terminal.interrupt(`\n${error.by}: stopping everything`);
      else terminal.line(`\nThat failed: ${error instanceof Error ? error.message : String(error)}`);
    }
  } catch (error) {
    terminal.resume();
    terminal.line(`Stopping failed: ${error instanceof AggregateError ? error.errors.join("; ") : String(error)}`);
    code = 1;
  }
  terminal.resume();
  terminal.line("Everything that was started has been stopped.");
  return code;
}

process.exitCode = await main();
