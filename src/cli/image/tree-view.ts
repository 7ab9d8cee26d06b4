import { styleText } from "node:util";
import type { ListedEntry, Listing } from "./listing.js";

/** Names may hold what steers a terminal: control characters are shown as escapes. */
export function printable(name: string): string {
  return name.replace(/\p{Cc}/gu, (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, "0")}`);
}

interface Branch {
  readonly entry?: ListedEntry;
  readonly children: Map<string, Branch>;
}

function branches(entries: readonly ListedEntry[]): Branch {
  const root: Branch = { children: new Map() };
  for (const entry of entries) {
    const parts = entry.path.split("/");
    let at = root;
    for (const part of parts.slice(0, -1)) {
      let next = at.children.get(part);
      if (next === undefined) {
        next = { children: new Map() };
        at.children.set(part, next);
      }
      at = next;
    }
    const name = parts.at(-1) ?? "";
    at.children.set(name, { entry, children: at.children.get(name)?.children ?? new Map() });
  }
  return root;
}

function note(entry: ListedEntry | undefined): string {
  if (entry?.kind === "symlink") return ` -> ${printable(entry.target ?? "?")}`;
  if (entry?.kind === "other") return " (special file)";
  return "";
}

/** The lines of an image as a person likes to read it: what it is, then its tree with the size and SHA-256 of each file. */
export function treeView(name: string, listing: Listing): string[] {
  const names = listing.nameSpaces.join(", ");
  const format = names === "" ? listing.variant : `${listing.variant} (${names})`;
  const lines = [
    styleText("bold", printable(name)),
    `  format  ${format}`,
    ...(listing.partition === undefined ? [] : [`  inside  a partition at byte ${listing.partition.offset}`]),
    `  label   ${listing.label === undefined ? "none" : printable(listing.label)}`,
    `  uuid    ${listing.uuid ?? "none"}`,
    `  size    ${listing.size.toLocaleString("en-US")} bytes`,
    `  sha256  ${listing.sha256}`,
  ];
  const files = listing.entries.filter((entry) => entry.kind === "file");
  if (listing.entries.length === 0) return lines;
  const width = Math.max(0, ...files.map((entry) => entry.size.toLocaleString("en-US").length));
  const walk = (branch: Branch, indent: string): void => {
    const children = [...branch.children];
    children.forEach(([child, { entry, children: below }], index) => {
      const last = index === children.length - 1;
      const left = styleText("dim", `${indent}${last ? "└─ " : "├─ "}`);
      const isFile = entry?.kind === "file";
      const columns = isFile
        ? `${entry.size.toLocaleString("en-US").padStart(width)}  ${entry.sha256?.slice(0, 16) ?? ""}  `
        : " ".repeat(width + 20);
      const label =
        entry === undefined || entry.kind === "directory"
          ? styleText("blue", `${printable(child)}/`)
          : printable(child);
      lines.push(`  ${columns}${left}${label}${note(entry)}`);
      walk({ children: below }, `${indent}${last ? "   " : "│  "}`);
    });
  };
  lines.push("");
  walk(branches(listing.entries), "");
  const bytes = files.reduce((sum, entry) => sum + entry.size, 0);
  lines.push("", `  ${files.length} files, ${bytes.toLocaleString("en-US")} bytes`);
  return lines;
}
