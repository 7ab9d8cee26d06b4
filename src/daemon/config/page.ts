import { readRabbitOptions } from "#bus/wire/options.js";
import type { Option } from "./option.js";
import { options } from "./options.js";

const INTRODUCTION = `# Configuration

<!-- Made by \`make docs\` from src/daemon/config/options.ts; edit that. -->

\`configdrive serve --config-file FILE…\` reads INI files as every OpenStack service does: later files go over earlier ones, and
the environment goes over all files, as \`OS_<GROUP>__<OPTION>\` (\`OS_DEFAULT__TRANSPORT_URL\`). A value may refer to another
one, as \`$name\` or \`\${group.name}\`; a dollar sign itself is written \`$$\`.

Files that belong to other services can be named too, such as nova's: what is not ours in them is passed over. A name that
looks like a mistyped one of ours is warned of, with the one that was meant. A value that cannot be used stops the start, with
file, line and rule.

On SIGHUP the files are read again. A running service takes over what is marked below, and what stands in the policy file, the
identities file and the certificates; what else has changed is warned of and waits for the next start. A configuration that cannot be
used is told in the log and changes nothing.

\`configdrive config check --config-file FILE…\` reads a configuration as a start would, with every file that it names, says what is wrong
with it or what comes of it, and ends with 78 where it cannot be used.

A file to start from: [configdrive.conf.sample](configdrive.conf.sample).
`;

const BUS = `## [oslo_messaging_rabbit]

The options of oslo.messaging under their own names; they must equal what the deployment's other services have, because a broker
refuses queues and exchanges that are declared differently. These are read:
`;

const all: readonly Option<unknown>[] = Object.values(options);
const groups = [...new Set(all.map(({ group }) => group))];

/** docs/configuration.md, whole. */
export function configurationPage(): string {
  const sections = groups.map((group) => [`## [${group}]`, "", ...inGroup(group).flatMap(described)].join("\n"));
  return [INTRODUCTION, ...sections, BUS, "| option | default |", "|---|---|", ...rabbitRows(), ""].join("\n");
}

/** docs/configdrive.conf.sample, whole: every option with its default, commented out. */
export function sampleFile(): string {
  const sections = groups.map((group) => [`[${group}]`, "", ...inGroup(group).flatMap(sampled)].join("\n"));
  return `${sections.join("\n")}`;
}

function inGroup(group: string): Option<unknown>[] {
  return all.filter((option) => option.group === group);
}

function described(option: Option<unknown>): string[] {
  const shown = option.fallbackShown ?? (option.fallback === undefined ? "none" : `\`${option.fallback}\``);
  const secret = option.secret
    ? ` Never shown in a log or an error. \`${option.name}_file\` names a file that holds it instead.`
    : "";
  const reload = option.reloadable ? ["- read again on SIGHUP"] : [];
  const facts = [`- ${option.type.form}`, `- default: ${shown}`, ...reload];
  return [`### ${option.name}`, "", `${option.help}${secret}`, "", ...facts, ""];
}

function sampled({ name, help, type, fallback, fallbackShown }: Option<unknown>): string[] {
  const shown = fallbackShown === undefined ? (fallback ?? "") : `<${fallbackShown}>`;
  return [...wrapped(help), `# (${type.form})`, `#${name} = ${shown}`.trimEnd(), ""];
}

/** Comment lines of at most 100 characters. */
function wrapped(text: string): string[] {
  const lines: string[] = [];
  let line = "#";
  for (const word of text.replaceAll("`", "").split(" ")) {
    if (line.length + 1 + word.length > 100) {
      lines.push(line);
      line = "#";
    }
    line += ` ${word}`;
  }
  return [...lines, line];
}

function rabbitRows(): string[] {
  return Object.entries(readRabbitOptions().values).map(
    ([name, value]) => `| ${name} | ${value === undefined ? "none" : `\`${value}\``} |`,
  );
}
