import { type CommandNode, DRIVE_IDS, nameOf, type Value } from "./tree.js";

/** A completion for zsh (zshcompsys(1)), for a file `_<program>` in its function path, or to be sourced. */
export function zshCompletion(program: string, tree: readonly CommandNode[]): string {
  const known = tree.filter(({ path }) => path !== "").map(({ path }) => quoted(path));
  return `#compdef ${program}
# zsh completion for ${program}; made by: ${program} completion zsh
_${program}() {
  local at= word
  local -a commands options
  for word in "\${(@)words[2,CURRENT - 1]}"; do
    case "$at $word" in
      (${known.join(" | ")}) at="$at $word" ;;
    esac
  done
  case "$at \${words[CURRENT - 1]}" in
${tree.flatMap((node) => valueCases(program, node)).join("\n")}
  esac
  case "$at" in
${tree.map((node) => commandCase(program, node)).join("\n")}
  esac
  if [[ $PREFIX == -* ]]; then
    _describe -o option options
  elif (( $#commands )); then
    _describe command commands
  fi
}
if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
  _${program} "$@"
else
  compdef _${program} ${program}
fi
`;
}

function commandCase(program: string, node: CommandNode): string {
  const { path, commands, options, argument } = node;
  const described = (name: string, description: string) => quoted(`${name.replaceAll(":", "\\:")}:${description}`);
  const names = commands.map(({ name, description }) => described(name, description));
  const flags = options.flatMap((option) => option.flags.map((flag) => described(flag, option.description)));
  const elsewhere = argument.kind === "drive" ? ` || \${words[CURRENT - 1]} != ${nameOf(node)}` : "";
  const otherwise =
    commands.length > 0 || argument.kind === "any"
      ? ""
      : `\n      [[ $PREFIX == -*${elsewhere} ]] || { ${complete(program, argument)}; return }`;
  return `    (${quoted(path)})\n      commands=(${names.join(" ")})\n      options=(${flags.join(" ")})${otherwise}\n      ;;`;
}

function valueCases(program: string, { path, options }: CommandNode): string[] {
  return options.flatMap(({ flags, value }) => {
    if (value === undefined) return [];
    const patterns = flags.map((flag) => quoted(`${path} ${flag}`)).join(" | ");
    return [`    (${patterns})\n      ${complete(program, value)}\n      return\n      ;;`];
  });
}

function complete(program: string, value: Value): string {
  switch (value.kind) {
    case "words":
      return `compadd -- ${value.words.map(quoted).join(" ")}`;
    case "path":
      return "_files";
    case "folder":
      return "_files -/";
    case "drive":
      return `compadd -- \${(f)"$(${program} ${DRIVE_IDS} 2>/dev/null)"}`;
    case "any":
      return "_message value";
  }
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
