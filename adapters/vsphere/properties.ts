import type { Element } from "@xmldom/xmldom";
import type { Session } from "./session.js";
import { AnswerError, childOf, element, elementsOf, type Reference, reference, textOf } from "./vim.js";

/** Properties of objects of one type, by their paths; what an object does not have is missing. */
export async function retrieve(
  session: Session,
  objects: readonly Reference[],
  paths: readonly string[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, Element>[]> {
  const [first] = objects;
  if (first === undefined) return [];
  const what = `<propSet>${element("type", first.type)}${paths.map((path) => element("pathSet", path)).join("")}</propSet>`;
  const whose = objects.map((object) => `<objectSet>${reference("obj", object)}</objectSet>`).join("");
  const answer = await session.call(
    "RetrievePropertiesEx",
    ({ properties }) => properties,
    `<specSet>${what}${whose}</specSet><options/>`,
    signal,
  );
  const found = childOf(answer, "returnval");
  return (found === undefined ? [] : elementsOf(found, "objects")).map(
    (object) =>
      new Map(
        elementsOf(object, "propSet").flatMap((property) => {
          const value = childOf(property, "val");
          return value === undefined ? [] : [[textOf(property, "name"), value] as const];
        }),
      ),
  );
}

/** The properties of one object. */
export async function retrieveOne(
  session: Session,
  object: Reference,
  paths: readonly string[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, Element>> {
  const [found] = await retrieve(session, [object], paths, signal);
  if (found === undefined) throw new AnswerError(`no properties of ${object.type} ${object.value}`);
  return found;
}
