import { randomUUID } from "node:crypto";
import type { Logger } from "pino";
import { AgentLine, askForReports } from "#agent/client/agent-line.js";
import { Agents } from "#agent/client/agents.js";
import { CellWires } from "#agent/client/cell-wires.js";
import { RemoteHosts } from "#agent/client/remote-hosts.js";
import { HOSTS_TARGET } from "#agent/protocol.js";
import type { HostReport } from "#agent/report.js";
import { reportEndpoint } from "#agent/server/report-endpoint.js";
import type { RpcClient } from "#bus/client/rpc-client.js";
import type { RpcServer } from "#bus/server/rpc-server.js";
import { sleep } from "#bus/sleep.js";
import { systemClock } from "#bus/system.js";
import type { HostState } from "#drive/hosts.js";
import type { BusLine } from "./bus-line.js";
import type { Config } from "./config/options.js";
import { type Repeated, repeat } from "./repeat.js";

/** For so many reports' time after the start a host may be there although it has not reported. */
const GRACE_REPORTS = 3;
/** How often hosts are looked for that no longer report. */
const LOOK_MS = 500;

/** So long after they were asked, every agent that is there has most likely been heard of. */
const FIRST_REPORTS_MS = 1000;

/** What there is of the agents at one bus. */
interface CellOfAgents {
  readonly client: RpcClient;
  readonly server: RpcServer;
  /** Settles when they were asked and have had a moment to answer, or nothing more is to be asked. */
  readonly asked: Promise<void>;
}

/** What a service has of the agents: who is there, and the line to each. */
export class AgentsSide {
  private constructor(
    readonly hosts: RemoteHosts,
    private readonly cells: readonly CellOfAgents[],
    private readonly looking: Repeated,
    private readonly opening: AbortController,
    private readonly agents: Agents,
  ) {}

  /**
   * Begins to listen for reports at every bus, and asks for them once its broker is there.
   * @param lines one for each cell: an agent is called at the bus at which it reports
   * @param catalogIdentity as `Catalog.identity`
   * @param reportMs how often agents report
   * @param returnMs how long one that took its leave is waited for
   * @param onReturn hears of each host that is there, or there again, or whose agent was started anew
   */
  static open(
    lines: readonly BusLine[],
    host: string,
    catalogIdentity: string,
    { reportMs, returnMs }: Pick<Config, "reportMs" | "returnMs">,
    logger: Logger,
    onReturn: (host: string) => void,
  ): AgentsSide {
    const agents = new Agents(
      systemClock.now,
      () => new Date(),
      { graceMs: GRACE_REPORTS * reportMs, returnMs },
      (name, state) => {
        logState(logger, name, state);
        if (state === "PRESENT") onReturn(name);
      },
    );
    const wires = new CellWires();
    const onFailure = (method: string, error: unknown) => logger.warn({ method, err: error }, "a report was not taken");
    const opening = new AbortController();
    const cells = lines.map((line) => {
      const client = line.client();
      const heard = (report: HostReport) => {
        wires.heard(report.host, client);
        agents.heard(report);
      };
      const server = line.server(HOSTS_TARGET, host, reportEndpoint(heard, onFailure));
      const asked = server
        .start(opening.signal)
        .then(() => askForReports(client, opening.signal))
        .then(() => sleep(systemClock, FIRST_REPORTS_MS, opening.signal))
        .catch((error: unknown) => {
          if (!opening.signal.aborted) logger.warn({ err: error }, "agents could not be asked; each reports by itself");
        });
      return { client, server, asked };
    });
    const looking = repeat(LOOK_MS, async () => agents.tick());
    const hosts = new RemoteHosts(new AgentLine(wires, agents), agents, catalogIdentity, randomUUID);
    return new AgentsSide(hosts, cells, looking, opening, agents);
  }

  /** Settles when the agents at the bus of so many have been asked, and have had a moment to answer. */
  async askedAt(index: number): Promise<void> {
    await this.cells[index]?.asked;
  }

  /** Ends what is under way with HOST_UNREACHABLE, and listens no more. */
  async close(): Promise<void> {
    this.opening.abort();
    this.agents.close();
    await this.looking.stop();
    await Promise.all(this.cells.map(({ server }) => server.stop(new Date())));
    await Promise.all(this.cells.map(({ client }) => client.close()));
  }
}

function logState(logger: Logger, host: string, state: HostState): void {
  const fields = { event: "host", agent_host: host, state };
  if (state === "PRESENT") logger.info(fields, `host ${host} is there`);
  else if (state === "AWAY") logger.warn(fields, `host ${host} is away: what is to be done there waits`);
  else logger.error(fields, `two agents claim host ${host}: neither is used until one of them ends`);
}
