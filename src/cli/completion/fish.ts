import type { CommandNode, Value } from "./tree.js";

/** A completion for fish (fish-completions). */
export function fishCompletion(program: string, tree: readonly CommandNode[]): string {
  const known = tree.filter(({ path }) => path !== "").map(({ path }) => quoted(path));
  return `# fish completion for ${program}; made by: ${program} completion fish
function __${program}_at --description 'whether the words before the cursor are for this command'
    set --local at ''
    for word in (commandline --tokenize --current-process --cut-at-cursor)[2..-1]
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

function lines(program: string, { path, commands, options, argument }: CommandNode): string[] {
  const here = `complete --command ${program} --condition ${quoted(`__${program}_at ${quoted(path)}`)}`;
  return [
    ...commands.map(({ name, description }) => `${here} --arguments ${name} --description ${quoted(description)}`),
    ...options.map(({ flags, description, value }) => {
      const names = flags.map((flag) =>
        flag.startsWith("--") ? `--long-option ${flag.slice(2)}` : `--short-option ${flag.slice(1)}`,
      );
      return [
        here,
        ...names,
        ...(value === undefined ? [] : [takes(value)]),
        `--description ${quoted(description)}`,
      ].join(" ");
    }),
    ...(commands.length > 0 || argument.kind === "any"
      ? []
      : [`${here} ${takes(argument).replace("--require-parameter ", "")}`]),
  ];
}

function takes(value: Value): string {
  switch (value.kind) {
    case "words":
      return `--require-parameter --no-files --arguments ${quoted(value.words.join(" "))}`;
    case "path":
      return "--require-parameter --force-files";
    case "folder":
      return "--require-parameter --no-files --arguments '(__fish_complete_directories)'";
    case "any":
      return "--require-parameter --no-files";
  }
}

function quoted(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}
