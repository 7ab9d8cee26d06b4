import { Refusal } from "#drive/refusal.js";

const scheme = "sqlite:///";

/**
 * The file of a `sqlite://` connection as SQLAlchemy, and so oslo.db, reads it: three slashes and a relative path, four and an
 * absolute one. Refusals: INVALID_ARGUMENT for another form; a catalog in memory would lose every drive.
 */
export function sqliteFile(connection: string): string {
  const path = connection.startsWith(scheme) ? connection.slice(scheme.length) : "";
  if (path === "" || path === ":memory:" || path.includes("?")) {
    throw new Refusal(
      "INVALID_ARGUMENT",
      `[catalog] connection: ${JSON.stringify(connection)} names no file; write sqlite:///relative/path or sqlite:////absolute/path`,
      { violations: [{ field: "connection", rule: "sqlite:/// and a path" }] },
    );
  }
  return path;
}
