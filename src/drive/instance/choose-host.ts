import type { Dependencies } from "../dependencies.js";
import { launchNotAvailable } from "../launcher.js";

/**
 * The host that instances are run on: the one that was asked for, or else, of those that can run one now, the one with the fewest
 * instances of ours. Refusals: HOST_UNKNOWN, HOST_UNREACHABLE, LAUNCH_NOT_AVAILABLE.
 */
export async function chooseHost(
  { hosts, catalog }: Pick<Dependencies, "hosts" | "catalog">,
  asked: string,
): Promise<string> {
  if (asked !== "") {
    hosts.require(asked);
    if (hosts.view().some(({ host, launches }) => host === asked && launches)) return asked;
    throw launchNotAvailable(asked);
  }
  const [first = "", ...others] = hosts.launching();
  if (others.length === 0) return first;
  const counts = await catalog.instances.countByHost();
  const countOn = (host: string) => counts.get(host) ?? 0;
  return others.reduce((fewest, host) => (countOn(host) < countOn(fewest) ? host : fewest), first);
}
