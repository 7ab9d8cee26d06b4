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
