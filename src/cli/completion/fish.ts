import { type CommandNode, DRIVE_IDS, nameOf, type Value } from "./tree.js";

/** The words before the one that is being typed. */
const BEFORE = "commandline --tokenize --current-process --cut-at-cursor";

/** A completion for fish (fish-completions). */
export function fishCompletion(program: string, tree: readonly CommandNode[]): string {
  const known = tree.filter(({ path }) => path !== "").map(({ path }) => quoted(path));
  return `# fish completion for ${program}; made by: ${program} completion fish
function __${program}_at --description 'whether the words before the cursor are for this command'
    set --local at ''
    for word in (${BEFORE})[2..-1]
        switch "$at $word"
            case ${known.join(" ")}
                set at "$at $word"
        end
    end
    test "$at" = "$argv[1]"
end
complete --command ${program} --no-files
${tree.flatMap((node) => lines(program, node)).join("\n")}
`;
}

function lines(program: string, node: CommandNode): string[] {
  const { path, commands, options, argument } = node;
  const when = (condition: string) => `complete --command ${program} --condition ${quoted(condition)}`;
  const here = when(`__${program}_at ${quoted(path)}`);
  const first = when(`__${program}_at ${quoted(path)}; and test (${BEFORE})[-1] = ${nameOf(node)}`);
  return [
    ...commands.map(({ name, description }) => `${here} --arguments ${name} --description ${quoted(description)}`),
    ...options.map(({ flags, description, value }) => {
      const names = flags.map((flag) =>
        flag.startsWith("--") ? `--long-option ${flag.slice(2)}` : `--short-option ${flag.slice(1)}`,
      );
      return [
        here,
        ...names,
        ...(value === undefined ? [] : [takes(program, value)]),
        `--description ${quoted(description)}`,
      ].join(" ");
    }),
    ...(commands.length > 0 || argument.kind === "any"
      ? []
      : [
          `${argument.kind === "drive" ? first : here} ${takes(program, argument).replace("--require-parameter ", "")}`,
        ]),
  ];
}

function takes(program: string, value: Value): string {
  switch (value.kind) {
    case "words":
      return `--require-parameter --no-files --arguments ${quoted(value.words.join(" "))}`;
    case "path":
      return "--require-parameter --force-files";
    case "folder":
      return "--require-parameter --no-files --arguments '(__fish_complete_directories)'";
    case "drive":
      return `--require-parameter --no-files --arguments '(${program} ${DRIVE_IDS} 2>/dev/null)'`;
    case "any":
      return "--require-parameter --no-files";
  }
}

function quoted(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}
