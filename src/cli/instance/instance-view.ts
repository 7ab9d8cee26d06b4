import { nameOf } from "#cli/drive/drive-view.js";
import { type Instance, InstanceState } from "#gen/configdrive/v1/instance.js";

/** The lines of an instance as a person likes to read it. */
export function instanceView(instance: Instance | undefined): string[] {
  if (instance === undefined) return [];
  const { id, name, host, reservationId, launchIndex, driveIds, createdAt } = instance;
  return [
    `${id}  ${stateOf(instance)}`,
    `  name         ${name}`,
    `  host         ${host}`,
    `  reservation  ${reservationId}, number ${launchIndex}`,
    `  drives       ${driveIds.length === 0 ? "none" : driveIds.join(", ")}`,
    `  asked for    ${createdAt?.toISOString() ?? "?"}`,
  ];
}

/** Instances as a table: id, state, name, drives. */
export function instanceTable(instances: readonly Instance[]): string[] {
  return instances.map((instance) =>
    [instance.id, stateOf(instance).padEnd(11), instance.name, instance.driveIds.join(", ")].join("  ").trimEnd(),
  );
}

function stateOf({ state }: Instance): string {
  return nameOf(InstanceState, "INSTANCE_STATE_", state);
}
