import type { Screen, Style } from "./screen.js";

/** What stands in one place of a table. */
export interface Cell {
  readonly text: string;
  readonly style?: Style;
}

/**
 * Rows in columns as wide as their widest cell, two spaces apart. On a terminal they have a heading; elsewhere each line is a row, so that
 * `cut` and `while read` need to know of none.
 */
export function table(heading: readonly string[], rows: readonly (readonly Cell[])[], screen: Screen): string[] {
  const head = heading.map((text): Cell => ({ text, style: "heading" }));
  const shown = screen.terminal && rows.length > 0 ? [head, ...rows] : rows;
  const widths = heading.map((_, column) => Math.max(0, ...shown.map((row) => row[column]?.text.length ?? 0)));
  return shown.map((row) => {
    const last = row.findLastIndex(({ text }) => text !== "");
    return row
      .slice(0, last + 1)
      .map(({ text, style }, column) => {
        const painted = style === undefined ? text : screen.paint(style, text);
        return column === last ? painted : painted + " ".repeat((widths[column] ?? 0) - text.length);
      })
      .join("  ");
  });
}
