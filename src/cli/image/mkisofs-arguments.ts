import { CommandFailure } from "../failure.js";

/** What nova asks of the program that `mkisofs_cmd` names (nova/virt/configdrive.py, _make_iso9660). */
export interface MkisofsRequest {
  readonly output: string;
  readonly label: string;
  readonly publisher: string;
  readonly directory: string;
}

/**
 * Flags that change nothing here: longer names, lower case and several dots are what Rock Ridge and Joliet carry anyway,
 * both are always written, and modes are always those of `-r`.
 */
const FLAGS = new Set(["-ldots", "-allow-lowercase", "-allow-multidot", "-l", "-quiet", "-J", "-r"]);
const VALUES = { "-o": "output", "-V": "label", "-publisher": "publisher" } as const;

function isValueOption(argument: string): argument is keyof typeof VALUES {
  return Object.hasOwn(VALUES, argument);
}

/** Reads nova's arguments; any other is refused by its name, for it would ask for an image that this is not. Throws `CommandFailure`. */
export function parseMkisofsArguments(argumentList: readonly string[]): MkisofsRequest {
  const request = { output: "", label: "", publisher: "", directory: "" };
  for (let index = 0; index < argumentList.length; index++) {
    const argument = argumentList[index] ?? "";
    if (isValueOption(argument)) {
      const value = argumentList[++index];
      if (value === undefined) throw new CommandFailure(`mkisofs: ${argument} needs a value`);
      request[VALUES[argument]] = value;
    } else if (argument.startsWith("-")) {
      if (!FLAGS.has(argument)) throw new CommandFailure(`mkisofs: ${argument} is not an option that nova uses`);
    } else if (request.directory === "") {
      request.directory = argument;
    } else {
      throw new CommandFailure(
        `mkisofs: one directory only (got ${JSON.stringify(request.directory)} and ${JSON.stringify(argument)})`,
      );
    }
  }
  if (request.output === "") throw new CommandFailure("mkisofs: -o FILE is missing");
  if (request.directory === "") throw new CommandFailure("mkisofs: the directory is missing");
  return request;
}
