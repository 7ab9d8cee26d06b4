import { z } from "zod";
import type { Launchable } from "#drive/launcher.js";
import type { MachineFamily } from "../start-choice.js";
import { filledIn, templateRefusal } from "../template-refusal.js";

/** What an instance is made of: the command line of a QEMU, but for what the service adds to it. */
export interface QemuTemplate {
  /** Such as `qemu-system-x86_64`. */
  readonly program: string;
  readonly arguments: readonly string[];
  readonly family: MachineFamily;
  /** Everything in it that stands behind a `=`, or in a JSON argument: what may be a secret. */
  readonly values: readonly string[];
}

const MOST_ARGUMENTS = 1000;

const shape = z.strictObject({
  program: z
    .string()
    .regex(/^qemu-system-[a-z0-9_]{1,32}$/, "must be the name of a QEMU, such as qemu-system-x86_64, without a path")
    .default("qemu-system-x86_64"),
  arguments: z
    .array(
      z.string("must be text").refine((text) => !text.includes("\0"), "must not hold NUL"),
      "must be a list",
    )
    .max(MOST_ARGUMENTS, `must have at most ${MOST_ARGUMENTS} members`),
});

/** Options that the service sets itself, or that would keep it from seeing the guest; each with what to do instead. */
const NOT_HERE: Readonly<Record<string, string>> = {
  name: "is set to the instance's name",
  uuid: "is set to the instance's id",
  pidfile: "is set by the service",
  daemonize: "is set by the service",
  nographic: "needs a terminal: use -display none, and -serial file:…",
  curses: "needs a terminal: use -display none, and -serial file:…",
  S: "would leave a guest that does not run",
  preconfig: "would leave a guest that does not run",
};

/**
 * Reads a template: `{"program": "qemu-system-x86_64", "arguments": ["-machine", "q35", …]}`, filled in for one instance.
 * Refusals: INVALID_ARGUMENT names the place in it and the rule.
 */
export function parseTemplate(instance: Pick<Launchable, "template" | "id" | "name" | "launchIndex">): QemuTemplate {
  const checked = shape.safeParse(parseJson(instance.template));
  if (!checked.success) {
    const [issue] = checked.error.issues;
    const [head, ...tail] = issue?.path ?? [];
    const place = head === undefined ? "" : `${String(head)}${tail.map((part) => `[${String(part)}]`).join("")}`;
    throw templateRefusal(place, issue?.message ?? "does not fit");
  }
  const { program, arguments: given } = checked.data;
  for (const [index, text] of given.entries()) {
    const option = /^--?([A-Za-z][A-Za-z0-9-]*)$/.exec(text)?.[1];
    const rule = option === undefined ? undefined : Object.entries(NOT_HERE).find(([name]) => name === option)?.[1];
    // What follows an option with a value is that value: `-append -S` is no -S.
    if (rule !== undefined && !isValue(given[index - 1]))
      throw templateRefusal(`arguments[${index}]`, `-${option} ${rule}`);
  }
  const filled = given.map((text) => filledIn(text, instance));
  return { program, arguments: filled, family: familyOf(program, given), values: filled.flatMap(valuesOf) };
}

function valuesOf(argument: string): string[] {
  if (/^[{[]/.test(argument)) return [...argument.matchAll(/:\s*"([^"]*)"/g)].map(([, value = ""]) => value);
  return [...argument.matchAll(/=([^,\s]*)/g)].map(([, value = ""]) => value);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw templateRefusal("", 'must be JSON such as {"arguments": ["-machine", "q35", "-m", "512"]}');
  }
}

/** Options whose value may begin with a dash. */
const WITH_FREE_VALUE: readonly (string | undefined)[] = ["-append", "--append", "-fw_cfg", "-smbios"];

function isValue(before: string | undefined): boolean {
  return WITH_FREE_VALUE.includes(before);
}

/** The machine decides which devices there can be. QEMU for x86 takes `pc` when none is named; others have to name theirs. */
function familyOf(program: string, given: readonly string[]): MachineFamily {
  const at = given.findLastIndex((text) => /^--?(machine|M)$/.test(text));
  const value = given[at + 1];
  if (at < 0 || value === undefined) {
    if (/x86_64|i386/.test(program)) return "pc";
    throw templateRefusal("arguments", `must name a machine with PCI Express for ${program}: -machine virt`);
  }
  const type = /(?:^|,)type=([^,]*)/.exec(value)?.[1] ?? value.split(",")[0] ?? "";
  if (/^(q35|pc-q35-.*)$/.test(type)) return "q35";
  if (/^(pc|pc-i440fx-.*)$/.test(type)) return "pc";
  if (/^(virt|virt-.*|sbsa-ref)$/.test(type)) return "pcie";
  throw templateRefusal(`arguments[${at + 1}]`, "must be a pc, q35 or virt machine: others have no place for a drive");
}
