import type { FieldDescriptor, MessageDescriptor } from "./descriptors.js";
import { memberOf } from "./encode.js";
import { brokenShape } from "./shapes.js";

/** What a call is about: the ids that it names or that came of it, and never content. */
export interface Subject {
  readonly driveIds: readonly string[];
  readonly instanceIds: readonly string[];
  /** As the caller names it. */
  readonly host?: string;
  /** Of the content that was uploaded. */
  readonly contentId?: string;
  /** The caller's own, by which it can ask again. */
  readonly requestId?: string;
  /** Nothing was to be done. */
  readonly validateOnly?: boolean;
}

/** Most ids of a kind that are told. */
const MOST_IDS = 100;

const DRIVES = ["drive_id", "drive", "deleted_drive_ids", "kept_drives"];
const INSTANCES = ["instance_id", "instance_ids", "instance", "instances"];

/** What a request names, or a response tells of. What is no id in form is passed over: a refused caller may have written anything. */
export function subjectOf(descriptor: MessageDescriptor, message: object): Subject {
  const idsOf = (names: readonly string[]) => names.flatMap((name) => idsIn(descriptor.fields.get(name), message));
  const [host, contentId, requestId] = [idsOf(["host"])[0], idsOf(["content_id"])[0], idsOf(["request_id"])[0]];
  const validate = descriptor.fields.get("validate_only");
  return {
    driveIds: idsOf(DRIVES),
    instanceIds: idsOf(INSTANCES),
    ...(host === undefined ? {} : { host }),
    ...(contentId === undefined ? {} : { contentId }),
    ...(requestId === undefined ? {} : { requestId }),
    ...(validate !== undefined && memberOf(message, validate) === true ? { validateOnly: true } : {}),
  };
}

/** Both together. */
export function joinSubjects(one: Subject | undefined, other: Subject): Subject {
  if (one === undefined) return other;
  const all = (ids: readonly string[], more: readonly string[]) => [...new Set([...ids, ...more])].slice(0, MOST_IDS);
  return {
    ...one,
    ...other,
    driveIds: all(one.driveIds, other.driveIds),
    instanceIds: all(one.instanceIds, other.instanceIds),
  };
}

/** The ids in one field, which has them itself or is of messages that have one. */
function idsIn(field: FieldDescriptor | undefined, message: object): string[] {
  if (field === undefined) return [];
  const { type, limit } = field;
  const given = memberOf(message, field);
  const values: unknown[] = Array.isArray(given) ? given.slice(0, MOST_IDS) : [given];
  const ids =
    typeof type === "object" && type.kind === "message"
      ? values.map((value) => (typeof value === "object" && value !== null ? Reflect.get(value, "id") : undefined))
      : values.filter((value) => typeof value === "string" && brokenShape(limit.shape, value) === undefined);
  return ids.filter((id) => typeof id === "string" && id !== "" && id.length <= 255).map(String);
}
