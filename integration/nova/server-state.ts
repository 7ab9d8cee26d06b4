import type { NovaCloud } from "../rigs/nova-cloud.js";

/** What everybody can see of a server, and what is on its host for it. */
export interface ServerState {
  readonly status: string;
  readonly vmState: string | null;
  readonly taskState: string | null;
  readonly fault: string | undefined;
  readonly host: string | null;
  /** What placement holds for it, by host. */
  readonly allocations: readonly Readonly<Record<string, number>>[];
  /** In its folder on the host: mode, owner and name of each file. */
  readonly files: readonly string[];
}

/** A server as it is now. */
export async function stateOf(cloud: NovaCloud, id: string): Promise<ServerState> {
  const server = await cloud.api.show(id);
  const list = 'cd "/var/lib/nova/instances/$0" && stat -c "%a %U %n" * | sort';
  const files = await cloud.run(await cloud.hostOf(id), "sh", "-c", list, id);
  return {
    status: server.status,
    vmState: server["OS-EXT-STS:vm_state"],
    taskState: server["OS-EXT-STS:task_state"],
    fault: server.fault?.message,
    host: server["OS-EXT-SRV-ATTR:host"],
    allocations: await cloud.api.allocations(id),
    files: files.trim().split("\n"),
  };
}
