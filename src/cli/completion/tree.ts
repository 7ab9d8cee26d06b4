import type { Argument, Command, Option } from "commander";

/** The command by which completions ask for drives; no person types it. */
export const DRIVE_IDS = "drive-ids";

/** What may stand for a value: one of some words, a path, a drive of the service, or anything. */
export type Value =
  | { readonly kind: "words"; readonly words: readonly string[] }
  | { readonly kind: "path" | "folder" | "drive" | "any" };

/** An option, by all its flags. */
export interface OptionNode {
  readonly flags: readonly string[];
  readonly description: string;
  /** Unset: it takes none. */
  readonly value?: Value;
}

/** One command: where it stands, and what may come after it. */
export interface CommandNode {
  /** Names from the first one below the program on, each after a space; empty for the program itself. */
  readonly path: string;
  readonly commands: readonly { readonly name: string; readonly description: string }[];
  readonly options: readonly OptionNode[];
  /** What its arguments are, where it has no commands below it; a drive is the first of them alone. */
  readonly argument: Value;
}

/** Every command of a program, the program itself first. */
export function commandTree(program: Command, path = ""): readonly CommandNode[] {
  const below = program
    .createHelp()
    .visibleCommands(program)
    .filter((command) => command.name() !== "help");
  const help: OptionNode = { flags: ["-h", "--help"], description: "display help for command" };
  const node: CommandNode = {
    path,
    commands: below.map((command) => ({ name: command.name(), description: command.description() })),
    options: [...program.options.filter(({ hidden }) => !hidden).map(optionNode), help],
    argument: argumentValue(program.registeredArguments),
  };
  return [node, ...below.flatMap((command) => commandTree(command, `${path} ${command.name()}`))];
}

function optionNode(option: Option): OptionNode {
  const { short, long, description, required, optional, argChoices } = option;
  const flags = [short, long].filter((flag) => flag !== undefined);
  if (!required && !optional) return { flags, description };
  const placeholder = /[<[]([^>\].]+)/.exec(option.flags)?.[1] ?? "";
  return { flags, description, value: valueFor(placeholder, argChoices) };
}

/** Commands with several arguments have the same kind of each, or none that could be completed but a first one that is a drive. */
function argumentValue([first]: readonly Argument[]): Value {
  return first === undefined ? { kind: "any" } : valueFor(first.name(), first.argChoices);
}

/** What a placeholder such as `<file>` stands for. */
function valueFor(placeholder: string, choices: readonly string[] | undefined): Value {
  if (choices !== undefined) return { kind: "words", words: choices };
  if (placeholder === "drive") return { kind: "drive" };
  if (/^(directory|folder)$/.test(placeholder)) return { kind: "folder" };
  return { kind: /^(file|image|image-or-drive|output|path)$/.test(placeholder) ? "path" : "any" };
}

/** The last name of a command's path: the word that stands before its first argument. */
export function nameOf({ path }: CommandNode): string {
  return path.slice(path.lastIndexOf(" ") + 1);
}
