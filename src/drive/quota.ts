import { Refusal } from "./refusal.js";

/** Refuses with QUOTA_EXCEEDED a drive more than a project may have. */
export function requireRoom(projectId: string, drives: number, most: number): void {
  if (drives < most) return;
  const whose = projectId === "" ? "the callers without a project have" : `project ${projectId} has`;
  throw new Refusal("QUOTA_EXCEEDED", `${whose} ${drives} drives; the limit is ${most} (drives_per_project)`, {
    metadata: { limit: String(most), actual: String(drives) },
  });
}
