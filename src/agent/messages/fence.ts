import type { Fence, InstanceFence } from "#drive/hosts.js";
import type { Fence as FenceMessage, InstanceFence as InstanceFenceMessage } from "#gen/configdrive/agent/v1/agent.js";

/** The fence as it travels. */
export function fenceMessage({ driveId, revision }: Fence): FenceMessage {
  return { driveId, revision: BigInt(revision) };
}

/** The fence of a request, which has one: the protocol requires it. */
export function fenceOf(message: FenceMessage | undefined): Fence {
  return { driveId: message?.driveId ?? "", revision: Number(message?.revision ?? 0n) };
}

/** The fence of an instance as it travels. */
export function instanceFenceMessage({ instanceId, revision }: InstanceFence): InstanceFenceMessage {
  return { instanceId, revision: BigInt(revision) };
}

/** The instance's fence of a request, which has one: the protocol requires it. */
export function instanceFenceOf(message: InstanceFenceMessage | undefined): InstanceFence {
  return { instanceId: message?.instanceId ?? "", revision: Number(message?.revision ?? 0n) };
}
