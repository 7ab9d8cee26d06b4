import type { Trees } from "./trees.js";

/** Where drives stand on the host, and where containers see them. */
export interface Place {
  readonly trees: Trees;
  /** The path of a drive's folder in a container. */
  readonly pathFor: (driveId: string) => string;
}

const DRIVE = "{drive_id}";

/** What is wrong with a template for the path in a container. */
export function mountPathProblem(template: string): string | undefined {
  if (!template.startsWith("/") || template === "/") return "must be an absolute path below /";
  if (template.split("/").some((part) => part === "." || part === "..")) return "must have no . or .. in it";
  return undefined;
}

/** The path of a drive's folder in a container. Without the drive's id in it, a container takes one drive. */
export function mountPath(template: string, driveId: string): string {
  return template.replaceAll(DRIVE, driveId);
}
