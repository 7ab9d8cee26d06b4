import type { Wire } from "./agent-line.js";

/** Agents at several message buses, as nova has one for each cell: a call goes where its host was heard of last. */
export class CellWires implements Wire {
  readonly #byHost = new Map<string, Wire>();

  /** Takes note of the bus that brought a host's report. */
  heard(host: string, wire: Wire): void {
    this.#byHost.set(host, wire);
  }

  /** @throws Error for a host that was never heard of: nobody calls one (`Agents.versionFor`) */
  async call(...[target, ...request]: Parameters<Wire["call"]>): ReturnType<Wire["call"]> {
    const wire = this.#byHost.get(target.server ?? "");
    if (wire === undefined) throw new Error(`host ${target.server} was never heard of`);
    return await wire.call(target, ...request);
  }
}
