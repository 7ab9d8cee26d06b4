import { isNode, LineCounter, parseDocument } from "yaml";
import { z } from "zod";
import { Identities, type Identity, type NameKind } from "./identities.js";
import { PolicyError, type PolicyProblem } from "./policy.js";

const KINDS: readonly NameKind[] = ["subject", "dns", "uri", "email"];

const text = z.string().min(1, "must not be empty");
const entry = z
  .strictObject({
    subject: text.optional(),
    dns: text.optional(),
    uri: text.optional(),
    email: text.optional(),
    user_id: text,
    roles: z.array(text),
    projects: z.union([z.literal("*"), z.array(text).min(1, "must name a project")], {
      error: 'must be a list of project ids, or "*"',
    }),
  })
  .refine((one) => KINDS.filter((kind) => one[kind] !== undefined).length === 1, {
    error: `must have one of ${KINDS.join(", ")}, and no more`,
  });
const file = z.array(entry, { error: "must be a list of identities" });

/**
 * Reads an identities file: YAML, or JSON; a list of identities, each with one name of a certificate, `user_id`, `roles` and `projects`.
 * @throws PolicyError with every line that cannot be used
 */
export function readIdentities(source: string): Identities {
  const lines = new LineCounter();
  // Only texts, maps and lists: a project called `1.0` or `no` stays what was written.
  const document = parseDocument(source, { lineCounter: lines, schema: "failsafe", prettyErrors: false });
  const lineAt = (offset: number | undefined) => lines.linePos(offset ?? 0).line;
  if (document.errors.length > 0) {
    throw new PolicyError(document.errors.map(({ message, pos }) => ({ line: lineAt(pos[0]), message })));
  }
  const read = file.safeParse(document.toJS());
  if (!read.success) {
    throw new PolicyError(
      read.error.issues.map(({ path, message }): PolicyProblem => {
        const node = nearestNode(path, (way) => document.getIn(way, true));
        const place = path.slice(1).join(".");
        return { line: lineAt(node?.range?.[0]), message: place === "" ? message : `${place}: ${message}` };
      }),
    );
  }
  return new Identities(read.data.map(identityOf));
}

function identityOf(one: z.infer<typeof entry>): Identity {
  const kind = KINDS.find((each) => one[each] !== undefined) ?? "subject";
  return { kind, name: one[kind] ?? "", userId: one.user_id, roles: one.roles, projects: one.projects };
}

/** What stands at a path, or the nearest thing around it: what is missing has no place of its own. */
function nearestNode(path: readonly PropertyKey[], at: (way: readonly PropertyKey[]) => unknown) {
  for (let length = path.length; length >= 0; length--) {
    const node = length === 0 ? undefined : at(path.slice(0, length));
    if (isNode(node)) return node;
  }
  return undefined;
}
