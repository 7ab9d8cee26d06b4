import { ERROR_DOMAIN, ERRORS, type OsloException } from "./errors.js";

const INTRODUCTION = `# Errors

<!-- Made by \`make docs\` from src/api/errors.ts; edit that. -->

Every error has a stable reason. What each door carries of it:

- **gRPC**: the status code, and in \`grpc-status-details-bin\` a \`google.rpc.Status\` with one \`ErrorInfo\` (the reason, domain
  \`${ERROR_DOMAIN}\`, the metadata), a \`BadRequest\` where fields are at fault, and a \`RetryInfo\` where the same request may
  succeed later.
- **The bus**: a failure that oslo.messaging rebuilds as the exception below. The caller gets the class itself if its
  \`allowed_remote_exmods\` names the module (nova names \`nova.exception\`), and otherwise \`RemoteError\` with the class in
  \`exc_type\`. The message of a nova exception ends with the reason in brackets.

A request that may be retried is retried unchanged, with the same \`request_id\`: then it happens once.
`;

/** docs/errors.md, whole. */
export function errorsPage(): string {
  const rows = Object.entries(ERRORS).map(
    ([reason, { status, exception, retryAfterMs }]) =>
      `| [${reason}](#${reason.toLowerCase()}) | ${status} | \`${exception.module}.${exception.class}\` | ${retry(retryAfterMs)} |`,
  );
  const sections = Object.entries(ERRORS).map(([reason, row]) =>
    [
      `## ${reason}`,
      "",
      `${row.meaning} ${row.advice}`,
      "",
      `- gRPC ${row.status}; bus ${pythonCall(row.exception)}`,
      ...(row.metadata.length === 0 ? [] : [`- metadata: ${row.metadata.map((name) => `\`${name}\``).join(", ")}`]),
      "",
    ].join("\n"),
  );
  return [
    INTRODUCTION,
    "| reason | gRPC status | exception | retry after |",
    "|---|---|---|---|",
    ...rows,
    "",
    ...sections,
  ].join("\n");
}

function retry(milliseconds: number | undefined): string {
  return milliseconds === undefined ? "no" : `${milliseconds / 1000} s`;
}

function pythonCall({ module, class: name, kwargs }: OsloException): string {
  const keywords = Object.entries(kwargs).map(([keyword, source]) => `${keyword}=<${source}>`);
  return `\`${module}.${name}(${["<message>", ...keywords].join(", ")})\``;
}
