/** One assignment in an INI file. */
export interface Assignment {
  readonly group: string;
  readonly name: string;
  /** Quotes taken off, continuation lines joined with newlines. */
  readonly value: string;
  /** Where it stands: `file:line`. */
  readonly origin: string;
}

/** What a file says: its assignments in order, and the lines that are none. */
export interface IniFile {
  readonly assignments: readonly Assignment[];
  readonly problems: readonly string[];
}

/**
 * Reads an INI file as oslo.config does (oslo_config/iniparser.py): `name = value` or `name: value` below a `[group]`; a line
 * that starts with white space goes on with the value before it, unless a blank line or a comment came between; `#` and `;`
 * begin a comment at the start of a line only; one pair of quotes around a value is taken off. A name may stand more than once.
 */
export function parseIni(text: string, file: string): IniFile {
  const assignments: Assignment[] = [];
  const problems: string[] = [];
  let group: string | undefined;
  let open: { name: string; lines: string[]; origin: string } | undefined;

  const close = () => {
    if (open !== undefined && group !== undefined) {
      assignments.push({ group, name: open.name, value: unquoted(open.lines.join("\n")), origin: open.origin });
    }
    open = undefined;
  };

  for (const [index, raw] of text
    .replace(/^\uFEFF/, "")
    .split("\n")
    .entries()) {
    const line = raw.trimEnd();
    const origin = `${file}:${index + 1}`;
    if (/^[ \t]/.test(line)) {
      if (open === undefined) problems.push(`${origin}: a line that goes on with a value, but there is none before it`);
      else open.lines.push(line.trimStart());
      continue;
    }
    close();
    if (line === "" || line.startsWith("#") || line.startsWith(";")) continue;
    if (line.startsWith("[")) {
      const named = /^\[([^\]]+)\]$/.exec(line)?.[1]?.trim();
      if (named === undefined) problems.push(`${origin}: a group is written [name], alone on its line`);
      else group = named;
      continue;
    }
    const at = line.search(/[=:]/);
    const name = line.slice(0, at).trim();
    if (at < 0) problems.push(`${origin}: neither a group, an assignment (name = value) nor a comment`);
    else if (name === "") problems.push(`${origin}: an assignment without a name`);
    else if (group === undefined) problems.push(`${origin}: ${name} stands before any [group]`);
    else open = { name, lines: [line.slice(at + 1).trim()], origin };
  }
  close();
  return { assignments, problems };
}

function unquoted(value: string): string {
  const quote = value[0];
  const paired = value.length > 1 && (quote === '"' || quote === "'") && value.endsWith(quote);
  return paired ? value.slice(1, -1) : value;
}
