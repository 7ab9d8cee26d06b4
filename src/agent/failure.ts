import { z } from "zod";
import { errorFor } from "#api/error-for.js";
import { ERRORS } from "#api/errors.js";
import { RpcFailure } from "#bus/server/rpc-failure.js";
import type { RemoteError } from "#bus/wire/remote-error.js";
import { type Reason, Refusal } from "#drive/refusal.js";

/** The name under which a refusal travels between agent and service; no Python program rebuilds it. */
const CLASS = "Refusal";
const MODULE = "configdrive.agent";

const details = z.object({
  reason: z.string(),
  metadata: z.record(z.string(), z.string()).default({}),
  violations: z.array(z.object({ field: z.string(), rule: z.string() })).default([]),
});

/** What was thrown, as the other side is told of it. The text of what is no refusal stays in the log. */
export function failureOf(thrown: unknown): RpcFailure {
  const { reason, message, metadata, violations } = errorFor(thrown);
  const told = {
    reason,
    metadata: { ...metadata },
    violations: violations.map(({ field, rule }) => ({ field, rule })),
  };
  return new RpcFailure(CLASS, MODULE, message, { kwargs: told, cause: thrown });
}

/** The refusal that the other side told of; `undefined` for another failure. A reason that this version lacks is INTERNAL. */
export function refusalIn(error: RemoteError): Refusal | undefined {
  if (error.exception !== `${MODULE}.${CLASS}`) return undefined;
  const told = details.safeParse(error.failure.kwargs);
  const { reason, metadata, violations } = told.success ? told.data : { reason: "", metadata: {}, violations: [] };
  return new Refusal(isReason(reason) ? reason : "INTERNAL", error.message, { metadata, violations, cause: error });
}

function isReason(text: string): text is Reason {
  return Object.hasOwn(ERRORS, text);
}
