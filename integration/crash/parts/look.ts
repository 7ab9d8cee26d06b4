import { z } from "zod";
import type { Door } from "#integration/rigs/door.js";
import { type DriveAnswer, driveOf, pendingOf } from "#integration/rigs/drive-answer.js";
import type { Model, ModelDrive } from "../model.js";
import { contentDigest } from "../script.js";
import type { Machine } from "./machine.js";

/** What may be there, drive by drive in the order of the script. */
export interface Expected {
  readonly drive: ModelDrive;
  readonly id: string;
  /** Contents that its instance may see: more than one where the instance was started anew while a call was under way. */
  readonly shown: readonly number[];
}

const page = z.object({ drives: z.array(z.unknown()) });
const building = ["GENERATION_STATE_BUILDING"];
const quiet = ["DRIVE_STATE_AVAILABLE", "DRIVE_STATE_IN_USE"];

/** What the model expects after a call, and what it did before it, given which instances were started anew in between. */
export function expectedOf(
  before: Model,
  after: Model,
  ids: readonly string[],
  anew: ReadonlySet<string>,
): readonly Expected[] {
  return after.drives.flatMap((drive, index) => {
    const id = ids[index];
    if (id === undefined) throw new Error(`the script's drive ${index} has no id`);
    if (drive.gone) return [];
    if (drive.instance === undefined) return [{ drive, id, shown: [] }];
    // A start shows what is pending, whenever it was.
    const pending = [before.drives[index]?.pending ?? drive.pending, drive.pending];
    return [{ drive, id, shown: anew.has(drive.instance) ? pending : [drive.shown ?? drive.pending] }];
  });
}

/** Compares all that there is with what is expected: at the door, and in the machines. Gives the drives, and everything that is not right. */
export async function look(
  door: Door,
  machines: readonly Machine[],
  expected: readonly Expected[],
): Promise<{ readonly drives: readonly DriveAnswer[]; readonly faults: readonly string[] }> {
  const { drives: listed } = page.parse(await door.call("list_drives", { page_size: 1000 }));
  const drives = listed.map((drive) => driveOf({ drive }));
  const faults = difference(
    "drive",
    drives.map(({ id }) => id),
    expected.map(({ id }) => id),
  );
  for (const one of expected) {
    const drive = drives.find(({ id }) => id === one.id);
    if (drive !== undefined) faults.push(...driveFaults(drive, one));
  }
  for (const machine of machines) {
    const { instanceId } = machine;
    const there = (await machine.shown()).map(({ driveId, generation }) => `${driveId}/${generation}`);
    const wanted = drives.flatMap(({ id, attachments }) =>
      attachments
        .filter((attachment) => attachment.instance_id === instanceId)
        .map((attachment) => `${id}/${attachment.desired_generation}`),
    );
    faults.push(...difference(`in ${instanceId} drive`, there, wanted));
  }
  return { drives, faults };
}

function driveFaults(drive: DriveAnswer, { drive: model, shown }: Expected): readonly string[] {
  const faults: string[] = [];
  const fault = (text: string) => faults.push(`drive ${drive.id} ${text}`);
  if (!quiet.includes(drive.state)) fault(`is ${drive.state}`);
  if (drive.generations.some(({ state }) => building.includes(state))) fault("has a generation that is being built");
  if (pendingOf(drive).sha256 !== contentDigest(model.pending)) fault(`has not content ${model.pending} pending`);
  const holders = drive.attachments.map(({ instance_id }) => instance_id).join(", ");
  if (holders !== (model.instance ?? "")) fault(`is attached to "${holders}", not "${model.instance ?? ""}"`);
  for (const { observed_generation, desired_generation } of drive.attachments) {
    if (observed_generation !== desired_generation) fault(`shows ${observed_generation}, not ${desired_generation}`);
    if (shownContent(drive, shown) === undefined)
      fault(`shows generation ${observed_generation}, not content ${shown}`);
  }
  return faults;
}

/** Which of some contents the instance that has a drive sees; `undefined` where it sees none of them. */
export function shownContent(drive: DriveAnswer, contents: readonly number[]): number | undefined {
  const seen = drive.attachments[0]?.observed_generation;
  const digest = drive.generations.find(({ number }) => number === seen)?.sha256;
  return contents.find((content) => contentDigest(content) === digest);
}

/** What is there and was not wanted, and what was wanted and is not there. */
export function difference(what: string, there: readonly string[], wanted: readonly string[]): string[] {
  return [
    ...there.filter((name) => !wanted.includes(name)).map((name) => `${what} ${name} is left over`),
    ...wanted.filter((name) => !there.includes(name)).map((name) => `${what} ${name} is missing`),
  ];
}
