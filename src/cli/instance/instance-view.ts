import { nameOf } from "#cli/drive/drive-view.js";
import { type Screen, styleOfState } from "#cli/screen.js";
import { table } from "#cli/table.js";
import { type Instance, InstanceState } from "#gen/configdrive/v1/instance.js";

/** The lines of an instance as a person likes to read it. */
export function instanceView(instance: Instance | undefined, { paint }: Screen): string[] {
  if (instance === undefined) return [];
  const { id, name, host, reservationId, launchIndex, driveIds, createdAt } = instance;
  return [
    `${id}  ${paint(styleOfState(stateOf(instance)), stateOf(instance))}`,
    `  name         ${name}`,
    `  host         ${host}`,
    `  reservation  ${reservationId}, number ${launchIndex}`,
    `  drives       ${driveIds.length === 0 ? "none" : driveIds.join(", ")}`,
    `  asked for    ${createdAt?.toISOString() ?? "?"}`,
  ];
}

/** Instances as a table: id, state, name, drives. */
export function instanceTable(instances: readonly Instance[], screen: Screen): string[] {
  const rows = instances.map((instance) => {
    const state = stateOf(instance);
    const { id, name, driveIds } = instance;
    return [{ text: id }, { text: state, style: styleOfState(state) }, { text: name }, { text: driveIds.join(", ") }];
  });
  return table(["INSTANCE", "STATE", "NAME", "DRIVES"], rows, screen);
}

function stateOf({ state }: Instance): string {
  return nameOf(InstanceState, "INSTANCE_STATE_", state);
}
