import type { Fence } from "#drive/hosts.js";
import type { Fence as FenceMessage } from "#gen/configdrive/agent/v1/agent.js";

/** The fence as it travels. */
export function fenceMessage({ driveId, revision }: Fence): FenceMessage {
  return { driveId, revision: BigInt(revision) };
}

/** The fence of a request, which has one: the protocol requires it. */
export function fenceOf(message: FenceMessage | undefined): Fence {
  return { driveId: message?.driveId ?? "", revision: Number(message?.revision ?? 0n) };
}
