import { statSync } from "node:fs";
import { dirname } from "node:path";
import { Refusal } from "#drive/refusal.js";

const PLACEHOLDER = "{instance_id}";
/** The shape `SHAPE_NAME` of the contract: nothing that could leave the template's folder. */
const NAME = /^[A-Za-z0-9][A-Za-z0-9._:-]{0,254}$/;
/** `sun_path` of Linux holds 108 bytes with its closing NUL (unix(7)). */
const MAX_PATH_BYTES = 107;

/** Where the monitor of each instance listens: an absolute path with `{instance_id}` in it, once or more. */
export class SocketTemplate {
  constructor(readonly template: string) {
    const problem = templateProblem(template);
    if (problem !== undefined) throw new RangeError(problem);
  }

  /** The socket's path for one instance. Refuses an id that is no plain name, and a path that no socket can have. */
  pathOf(instanceId: string): string {
    if (!NAME.test(instanceId)) {
      throw new Refusal("INVALID_ARGUMENT", `instance id ${JSON.stringify(instanceId)} is not a name`, {
        violations: [
          { field: "instance_id", rule: "letters, digits, `.`, `_`, `:` and `-`; the first a letter or a digit" },
        ],
      });
    }
    const path = this.template.replaceAll(PLACEHOLDER, instanceId);
    if (Buffer.byteLength(path) > MAX_PATH_BYTES) {
      const rule = `the monitor's path may have ${MAX_PATH_BYTES} bytes at most, ${path} has ${Buffer.byteLength(path)}`;
      throw new Refusal("INVALID_ARGUMENT", rule, { violations: [{ field: "instance_id", rule }] });
    }
    return path;
  }

  /**
   * Refuses when the folder above the instances' own part is not there: then a missing socket says nothing about the instance,
   * and taking it for gone would let go of a drive that a guest still has.
   * Unix sockets are of this host, so that a look at where they stand is shorter than a trip to another thread.
   */
  requireFolder(instanceId: string): void {
    const folder = dirname(this.template.slice(0, this.template.indexOf(PLACEHOLDER) + 1));
    try {
      statSync(folder);
    } catch (error) {
      throw new Refusal(
        "HYPERVISOR_UNREACHABLE",
        `instance ${instanceId}: the folder of the monitor sockets cannot be read: ${folder}`,
        { metadata: { hypervisor: "qemu", instance_id: instanceId }, cause: error },
      );
    }
  }
}

/** What is wrong with a template, or `undefined`. */
export function templateProblem(template: string): string | undefined {
  if (!template.startsWith("/")) return "must be an absolute path";
  if (!template.includes(PLACEHOLDER)) return `must contain ${PLACEHOLDER}`;
  if (template.split("/").includes("..")) return "must not contain a part `..`";
  return undefined;
}
