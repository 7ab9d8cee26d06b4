import type { Proven } from "./proven.js";

/** docs/adapters.md: which backend was seen to do what, and against which versions. `make docs` writes it. */
export function provenPage(all: readonly Proven[]): string {
  const names = all.map((proven) => Object.keys(proven.capabilities));
  // Who has the most has them in the order of the suite.
  const capabilities = [...new Set(names.sort((one, other) => other.length - one.length).flat())];
  const row = (cells: readonly string[]) => `| ${cells.join(" | ")} |\n`;
  const [adapters, matrix] = [
    all.map(({ adapter }) => `\`${adapter}\``),
    capabilities.map((name) => cellsOf(all, name)),
  ];
  return [
    `# What is proven of each adapter

Made by \`make docs\` from \`adapters/proven.json\`, which the conformance suite writes in its full form (\`make test SUITE=adapters\`,
\`SUITE=libvirt-containers\`, \`SUITE=backends\` and \`SUITE=backends-containers\`). A number says how often a capability was seen to hold, by what a guest read; – is what the backend
does not have, and *open* a case that did not pass in the last full run.

## Backends

`,
    row(["column", "adapter", "reached over", "proven against", "devices that guests read", "run on", "commit"]),
    row(["---", "---", "---", "---", "---", "---", "---"]),
    ...all.map(({ adapter, where, against, devices, date, commit }, index) =>
      row([String(index + 1), `\`${adapter}\``, where, against, devices, date, commit]),
    ),
    "\n## Capabilities\n\n",
    row(["", ...adapters.map((adapter, index) => `${index + 1} ${adapter}`)]),
    row(["---", ...adapters.map(() => "---")]),
    ...capabilities.map((name, index) => row([name, ...(matrix[index] ?? [])])),
  ].join("");
}

function cellsOf(all: readonly Proven[], capability: string): string[] {
  return all.map(({ capabilities }) => {
    const times = capabilities[capability];
    if (times === undefined) return "–";
    return times === 0 ? "*open*" : `${times} ×`;
  });
}
