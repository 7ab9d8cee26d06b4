import { Refusal } from "#drive/refusal.js";

/** Refuses a template, with the place in it and the rule. A rule repeats nothing of the template, which may hold secrets. */
export function templateRefusal(place: string, rule: string): Refusal {
  const field = place === "" ? "template" : `template.${place}`;
  return new Refusal("INVALID_ARGUMENT", `${field}: ${rule}`, { violations: [{ field, rule }], metadata: { field } });
}

/** Text with what differs from one instance to the next: `{instance_id}`, `{name}` and `{launch_index}`. All other braces stand. */
export function filledIn(
  text: string,
  instance: { readonly id: string; readonly name: string; readonly launchIndex: number },
): string {
  return text
    .replaceAll("{instance_id}", instance.id)
    .replaceAll("{name}", instance.name)
    .replaceAll("{launch_index}", String(instance.launchIndex));
}

/** Shorter values stand in any message; to blot them out would leave nothing to read. */
const LEAST_CHARACTERS = 4;

/** What a backend says of a template, without the values in it: each may be a secret. */
export function withoutValues(message: string, values: Iterable<string>): string {
  const longest = [...new Set(values)].filter((value) => value.length >= LEAST_CHARACTERS);
  longest.sort((one, other) => other.length - one.length);
  return longest.reduce((text, value) => text.replaceAll(value, "…"), message);
}
