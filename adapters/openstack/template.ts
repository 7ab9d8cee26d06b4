import { z } from "zod";
import type { Launchable } from "#drive/launcher.js";
import { filledIn, templateRefusal } from "../template-refusal.js";

/** What an instance is made of: nova's own `server` (Compute API, "Create server"), but for what the service adds to it. */
export interface ServerTemplate {
  readonly imageRef: string | undefined;
  /** With the image as its root disk, where it has one. */
  readonly devices: readonly object[];
  readonly server: Readonly<Record<string, unknown>>;
  /** Every text in it, for each may be a secret. */
  readonly values: readonly string[];
}

/** A drive's volume, as it shall be there when the server boots. */
export interface BootVolume {
  readonly id: string;
  readonly isDeletedWithIt: boolean;
}

const shape = z.looseObject({
  flavorRef: z.string("must be the id of a flavor").min(1, "must be the id of a flavor"),
  imageRef: z.uuid("must be the id of an image").optional(),
  networks: z.unknown().refine((given) => given !== undefined, 'must be given: "auto", "none" or a list'),
  block_device_mapping_v2: z
    .array(z.looseObject({ boot_index: z.unknown().optional() }), "must be a list of objects")
    .default([]),
});

/** Members that the service sets itself, or that would make something else than one server; each with why. */
const NOT_HERE: Readonly<Record<string, string>> = {
  name: "is set to the instance's name",
  tags: "is set by the service, which finds the server again by its tag",
  min_count: "an instance is one server",
  max_count: "an instance is one server",
  block_device_mapping: "is not what nova takes beside volumes: use block_device_mapping_v2",
};

/**
 * Reads a template: `{"flavorRef": "m1.small", "imageRef": "…", "networks": "auto"}`, filled in for one instance.
 * Refusals: INVALID_ARGUMENT names the place in it and the rule.
 */
export function parseTemplate(instance: Pick<Launchable, "template" | "id" | "name" | "launchIndex">): ServerTemplate {
  const checked = shape.safeParse(parseJson(instance.template));
  if (!checked.success) {
    const [issue] = checked.error.issues;
    throw templateRefusal((issue?.path ?? []).map(String).join("."), issue?.message ?? "does not fit");
  }
  for (const [name, rule] of Object.entries(NOT_HERE)) {
    if (Object.hasOwn(checked.data, name)) throw templateRefusal(name, rule);
  }
  const values: string[] = [];
  const { block_device_mapping_v2: given, ...server } = filledInAll(checked.data, instance, values);
  const root = given.some(({ boot_index }) => boot_index === 0);
  if (!root && server.imageRef === undefined)
    throw templateRefusal("imageRef", "must be given, or a block_device_mapping_v2 with boot_index 0");
  const image = {
    ...{ boot_index: 0, uuid: server.imageRef, source_type: "image" },
    ...{ destination_type: "local", delete_on_termination: true },
  };
  return { imageRef: server.imageRef, devices: root ? given : [image, ...given], server, values };
}

/** The body of nova's `POST /servers`: the drives are volumes behind all other devices, which nothing boots from. */
export function serverBody(
  { server, devices }: ServerTemplate,
  { name }: Pick<Launchable, "name">,
  tag: string,
  volumes: readonly BootVolume[],
): object {
  const drives = volumes.map(({ id, isDeletedWithIt }) => ({
    ...{ boot_index: -1, uuid: id, source_type: "volume", destination_type: "volume" },
    delete_on_termination: isDeletedWithIt,
  }));
  return {
    server: { config_drive: false, ...server, name, tags: [tag], block_device_mapping_v2: [...devices, ...drives] },
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw templateRefusal("", 'must be JSON such as {"flavorRef": "m1.small", "imageRef": "…", "networks": "auto"}');
  }
}

/** The same with every text in it filled in. @param values - gets all of these texts */
function filledInAll<T>(given: T, instance: Parameters<typeof filledIn>[1], values: string[]): T;
function filledInAll(given: unknown, instance: Parameters<typeof filledIn>[1], values: string[]): unknown {
  if (typeof given === "string") {
    const text = filledIn(given, instance);
    values.push(text);
    return text;
  }
  if (Array.isArray(given)) return given.map((each: unknown) => filledInAll(each, instance, values));
  if (typeof given !== "object" || given === null) return given;
  const pairs = Object.entries(given).map(([name, each]) => [name, filledInAll<unknown>(each, instance, values)]);
  return Object.fromEntries(pairs);
}
