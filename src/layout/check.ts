import type { z } from "zod";
import { LayoutRefusal } from "./refusal.js";

function fieldPath(path: readonly PropertyKey[]): string {
  const text = path
    .map((part) => (typeof part === "number" ? `[${part}]` : `.${String(part)}`))
    .join("")
    .replace(/^\./, "");
  return text === "" ? "(the whole document)" : text;
}

/** What is wrong; for a key that is not allowed, the rule that the key itself breaks. */
function rule(issue: z.core.$ZodIssue): string {
  return issue.code === "invalid_key" ? issue.issues.map((each) => each.message).join(", ") : issue.message;
}

/** Holds parsed JSON against a layout's schema. Throws `LayoutRefusal` with the path and the rule of every field that does not fit. */
export function check<Schema extends z.ZodType>(schema: Schema, data: unknown): z.output<Schema> {
  const result = schema.safeParse(data);
  if (result.success) return result.data;
  throw new LayoutRefusal(result.error.issues.map((issue) => ({ path: fieldPath(issue.path), rule: rule(issue) })));
}

/** A rule that a value fits a schema, for values that are handed on just as they were given: same keys, same order. */
export function fits(schema: z.ZodType): z.core.CheckFn<unknown> {
  return (context) => {
    for (const issue of schema.safeParse(context.value).error?.issues ?? []) {
      context.issues.push({ code: "custom", message: rule(issue), path: [...issue.path], input: context.value });
    }
  };
}
