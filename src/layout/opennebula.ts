import { z } from "zod";
import { type FileEntry, fromBytes } from "#image/tree.js";
import { check } from "./check.js";
import { bytes, line, notAmong, text } from "./document.js";
import type { LaidOut } from "./result.js";

/** The label that OpenNebula's readers look for (cloudinit/sources/DataSourceOpenNebula.py). */
export const OPENNEBULA_LABEL = "CONTEXT";

/** Names that a shell refuses to assign or that change how it runs what follows (bash manual, Bash Variables). */
const SHELL_OWN =
  /^(BASH.*|DIRSTACK|ENV|EUID|FUNCNAME|GROUPS|HOME|IFS|LD_.*|LINENO|OLDPWD|OPTARG|OPTIND|PATH|PIPESTATUS|PPID|PWD|SECONDS|SHELL|SHELLOPTS|UID|_)$/;

const name = z
  .string()
  .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, "must be a shell variable's name: a letter or _, then letters, digits and _")
  .refine((value) => !SHELL_OWN.test(value), "must not be a variable of the shell itself")
  .refine(
    ...notAmong("SET_HOSTNAME", "HOSTNAME", "SSH_PUBLIC_KEY", "USER_DATA", "USERDATA_ENCODING", "START_SCRIPT_BASE64"),
  );
const value = text.refine((each) => !each.includes("\0"), "must not hold NUL: a shell variable cannot");
const file = z.strictObject({
  path: line.min(1, "must not be empty").refine((each) => each !== "context.sh", "must not be context.sh"),
  content: bytes,
});

const opennebulaData = z.strictObject({
  /** Variables as they shall stand in context.sh. */
  variables: z.record(name, value).default({}),
  hostname: line.optional(),
  public_keys: z.array(line).default([]),
  user_data: bytes.optional(),
  start_script: bytes.optional(),
  /** Further files beside context.sh. */
  files: z.array(file).default([]),
});

/** A shell word that is exactly the text: within single quotes nothing is special but the quote itself (POSIX shell, 2.2.2). */
function quoted(plain: string): string {
  return `'${plain.replaceAll("'", "'\\''")}'`;
}

/** Config data as OpenNebula's `context.sh`, safe to be sourced by a shell whatever the values hold. Throws `LayoutRefusal`. */
export function layOutOpennebula(document: unknown): LaidOut {
  const data = check(opennebulaData, document);
  const variables = new Map(Object.entries(data.variables));
  if (data.hostname !== undefined) variables.set("SET_HOSTNAME", data.hostname).set("HOSTNAME", data.hostname);
  if (data.public_keys.length > 0) variables.set("SSH_PUBLIC_KEY", data.public_keys.join("\n"));
  if (data.user_data !== undefined) {
    variables.set("USER_DATA", data.user_data.toString("base64")).set("USERDATA_ENCODING", "base64");
  }
  if (data.start_script !== undefined) variables.set("START_SCRIPT_BASE64", data.start_script.toString("base64"));
  const lines = [...variables].map(([key, plain]) => `${key}=${quoted(plain)}\n`);
  const files: FileEntry[] = [
    { path: "context.sh", data: fromBytes(Buffer.from(lines.join(""), "utf8")) },
    ...data.files.map((each) => ({ path: each.path, data: fromBytes(each.content) })),
  ];
  return { tree: { files }, label: OPENNEBULA_LABEL };
}
