import { type CommandNode, DRIVE_IDS, nameOf, type Value } from "./tree.js";

/** A completion for bash (bash(1), Programmable Completion) that knows the commands as they are now, and asks for drives alone. */
export function bashCompletion(program: string, tree: readonly CommandNode[]): string {
  const known = tree.filter(({ path }) => path !== "").map(({ path }) => quoted(path));
  return `# bash completion for ${program}; made by: ${program} completion bash
_${program}() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD - 1]} at= word commands= options=
  # bash takes --option=value for three words.
  [[ $current == "=" ]] && current=
  [[ $previous == "=" ]] && previous=\${COMP_WORDS[COMP_CWORD - 2]}
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD - 1}"; do
    case "$at $word" in
      ${known.join(" | ")}) at="$at $word" ;;
    esac
  done
  COMPREPLY=()
  case "$at $previous" in
${tree.flatMap((node) => valueCases(program, node)).join("\n")}
  esac
  case "$at" in
${tree.map((node) => commandCase(program, node)).join("\n")}
  esac
  if [[ $current == -* ]]; then
    mapfile -t COMPREPLY < <(compgen -W "$options" -- "$current")
  elif [[ -n $commands ]]; then
    mapfile -t COMPREPLY < <(compgen -W "$commands" -- "$current")
  fi
}
complete -F _${program} ${program}
`;
}

function commandCase(program: string, node: CommandNode): string {
  const { path, commands, options, argument } = node;
  const flags = options.flatMap((option) => option.flags).join(" ");
  const names = commands.map(({ name }) => name).join(" ");
  const elsewhere = argument.kind === "drive" ? ` || $previous != ${nameOf(node)}` : "";
  const otherwise =
    commands.length > 0 || argument.kind === "any"
      ? ""
      : `\n      [[ $current == -*${elsewhere} ]] || { ${complete(program, argument)}; }`;
  return `    ${quoted(path)})\n      commands=${quoted(names)} options=${quoted(flags)}${otherwise}\n      ;;`;
}

function valueCases(program: string, { path, options }: CommandNode): string[] {
  return options.flatMap(({ flags, value }) => {
    if (value === undefined) return [];
    const patterns = flags.map((flag) => quoted(`${path} ${flag}`)).join(" | ");
    return [`    ${patterns})\n      ${complete(program, value)}\n      return\n      ;;`];
  });
}

function complete(program: string, value: Value): string {
  switch (value.kind) {
    case "words":
      return `mapfile -t COMPREPLY < <(compgen -W ${quoted(value.words.join(" "))} -- "$current")`;
    case "path":
      return 'compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- "$current")';
    case "folder":
      return 'compopt -o filenames; mapfile -t COMPREPLY < <(compgen -d -- "$current")';
    case "drive":
      return `mapfile -t COMPREPLY < <(compgen -W "$(${program} ${DRIVE_IDS} 2>/dev/null)" -- "$current")`;
    case "any":
      return ":";
  }
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
