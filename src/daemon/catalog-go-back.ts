import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import { goBack } from "#catalog/go-back.js";
import { Refusal } from "#drive/refusal.js";
import { loadConfig } from "./config/load.js";

/** What came of going back: the migrations that were undone, newest first, or why nothing was. */
export type WentBack = { readonly undone: readonly string[] } | { readonly refused: string };

/**
 * Brings the tables of the configured catalog back to the schema whose newest migration is named.
 * @throws ConfigError
 */
export async function goBackAsConfigured(
  files: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
  migration: string,
): Promise<WentBack> {
  const { config } = loadConfig(files, env);
  const owner = { pid: process.pid, host: hostname(), since: new Date().toISOString() };
  try {
    return { undone: await goBack(config.catalogConnection.reveal(), owner, randomUUID, migration) };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { refused: `${error.message} [${error.reason}]` };
  }
}
