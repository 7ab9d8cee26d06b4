import { type InstanceState, instanceEtag } from "#drive/instance/instance.js";
import type { InstanceView } from "#drive/instance/use-cases.js";
import { type Instance as InstanceMessage, InstanceState as StateMessage } from "#gen/configdrive/v1/instance.js";

const STATES: Readonly<Record<InstanceState, StateMessage>> = {
  STARTING: StateMessage.INSTANCE_STATE_STARTING,
  RUNNING: StateMessage.INSTANCE_STATE_RUNNING,
  STOPPING: StateMessage.INSTANCE_STATE_STOPPING,
  STOPPED: StateMessage.INSTANCE_STATE_STOPPED,
  TERMINATING: StateMessage.INSTANCE_STATE_TERMINATING,
};

/** An instance in the contract's words; never what it is made of. */
export function instanceMessage({ instance, driveIds }: InstanceView): InstanceMessage {
  const { id, projectId, reservationId, name, host, launchIndex, state, createdAt, updatedAt } = instance;
  return {
    ...{ id, projectId, reservationId, name, host, launchIndex, createdAt, updatedAt },
    state: STATES[state],
    driveIds: [...driveIds],
    etag: instanceEtag(instance),
  };
}
