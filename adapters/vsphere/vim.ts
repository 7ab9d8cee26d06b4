import { DOMParser, type Element } from "@xmldom/xmldom";

/** A managed object of vCenter, as its API names it: a type and an id such as `vm-42`. */
export interface Reference {
  readonly type: string;
  readonly value: string;
}

/** An error that vCenter answered. */
export class VimFault extends Error {
  override readonly name = "VimFault";
  constructor(
    /** The type of the fault, such as `InvalidLogin`; empty where vCenter gave none. */
    readonly type: string,
    message: string,
  ) {
    super(message);
  }
}

/** An answer that is none of vCenter's. */
export class AnswerError extends Error {
  override readonly name = "AnswerError";
}

/** A request as SOAP carries it (vSphere Web Services API, urn:vim25). `body` is XML, made of escaped parts. */
export function envelope(method: string, target: Reference, body: string): string {
  return `<?xml version="1.0" encoding="UTF-8"?><Envelope xmlns="http://schemas.xmlsoap.org/soap/envelope/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><Body><${method} xmlns="urn:vim25">${reference("_this", target)}${body}</${method}></Body></Envelope>`;
}

/** A reference as an element. */
export function reference(name: string, { type, value }: Reference): string {
  return `<${name} type="${escapeXml(type)}">${escapeXml(value)}</${name}>`;
}

/** A text as an element. */
export function element(name: string, text: string | number | boolean): string {
  return `<${name}>${escapeXml(String(text))}</${name}>`;
}

/** Text as it stands in XML, between tags and in attributes alike. */
export function escapeXml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** What a request was answered with. @throws VimFault, and AnswerError for what is no SOAP */
export function readAnswer(xml: string): Element {
  const body = childOf(parse(xml), "Body");
  const answer = body === undefined ? undefined : elementsOf(body)[0];
  if (answer === undefined) throw new AnswerError("an answer without a body");
  if (answer.localName !== "Fault") return answer;
  const detail = childOf(answer, "detail");
  const fault = detail === undefined ? undefined : elementsOf(detail)[0];
  throw new VimFault(
    fault === undefined ? "" : typeOf(fault, (fault.localName ?? "").replace(/Fault$/, "")),
    textOf(answer, "faultstring") || "a fault without words",
  );
}

/** The child elements, of one name where it is given. */
export function elementsOf(parent: Element, name?: string): Element[] {
  const children: Element[] = [];
  for (let node = parent.firstChild; node !== null; node = node.nextSibling) {
    if (isElement(node) && (name === undefined || node.localName === name)) children.push(node);
  }
  return children;
}

/** The first child element of a name. */
export function childOf(parent: Element | undefined, name: string): Element | undefined {
  return parent === undefined ? undefined : elementsOf(parent, name)[0];
}

/** The text of a child; empty where there is none. */
export function textOf(parent: Element | undefined, name: string): string {
  return childOf(parent, name)?.textContent?.trim() ?? "";
}

/** The reference in an element. */
export function referenceIn(found: Element | undefined): Reference | undefined {
  const [type, value] = [found?.getAttribute("type") ?? "", found?.textContent?.trim() ?? ""];
  return type === "" || value === "" ? undefined : { type, value };
}

/** The type that an element says to be (`xsi:type`), without its prefix. */
export function typeOf(found: Element, otherwise = ""): string {
  const said = found.getAttributeNS("http://www.w3.org/2001/XMLSchema-instance", "type") ?? "";
  return said === "" ? otherwise : said.slice(said.indexOf(":") + 1);
}

function parse(xml: string): Element {
  try {
    const root = new DOMParser({ onError: failed }).parseFromString(xml, "text/xml").documentElement;
    if (root?.localName === "Envelope") return root;
  } catch (error) {
    throw new AnswerError(error instanceof Error ? error.message : String(error));
  }
  throw new AnswerError("it is no SOAP envelope");
}

function failed(level: string, message: string): void {
  if (level !== "warning") throw new Error(message);
}

function isElement(node: { readonly nodeType: number }): node is Element {
  return node.nodeType === 1;
}
