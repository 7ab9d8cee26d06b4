import { randomUUID } from "node:crypto";
import type { Logger } from "pino";
import { AgentLine } from "#agent/client/agent-line.js";
import { Agents } from "#agent/client/agents.js";
import { RemoteHosts } from "#agent/client/remote-hosts.js";
import { HOSTS_TARGET } from "#agent/protocol.js";
import { reportEndpoint } from "#agent/server/report-endpoint.js";
import type { RpcClient } from "#bus/client/rpc-client.js";
import type { RpcServer } from "#bus/server/rpc-server.js";
import { systemClock } from "#bus/system.js";
import type { HostState } from "#drive/hosts.js";
import type { BusLine } from "./bus-line.js";
import type { Config } from "./config/options.js";
import { type Repeated, repeat } from "./repeat.js";

/** For so many reports' time after the start a host may be there although it has not reported. */
const GRACE_REPORTS = 3;
/** How often hosts are looked for that no longer report. */
const LOOK_MS = 500;

/** What a service has of the agents: who is there, and the line to each. */
export class AgentsSide {
  private constructor(
    readonly hosts: RemoteHosts,
    private readonly client: RpcClient,
    private readonly server: RpcServer,
    private readonly looking: Repeated,
    private readonly opening: AbortController,
    private readonly agents: Agents,
  ) {}

  /**
   * Begins to listen for reports, and asks for them once the broker is there.
   * @param catalogIdentity as `Catalog.identity`
   * @param reportMs how often agents report
   * @param returnMs how long one that took its leave is waited for
   * @param onReturn hears of each host that is there, or there again, or whose agent was started anew
   */
  static open(
    line: BusLine,
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
    const client = line.client();
    const calls = new AgentLine(client, agents);
    const onFailure = (method: string, error: unknown) => logger.warn({ method, err: error }, "a report was not taken");
    const server = line.server(
      HOSTS_TARGET,
      host,
      reportEndpoint((report) => agents.heard(report), onFailure),
    );
    const looking = repeat(LOOK_MS, async () => agents.tick());
    const opening = new AbortController();
    server
      .start(opening.signal)
      .then(() => calls.askForReports(opening.signal))
      .catch((error: unknown) => {
        if (!opening.signal.aborted) logger.warn({ err: error }, "agents could not be asked; each reports by itself");
      });
    return new AgentsSide(
      new RemoteHosts(calls, agents, catalogIdentity, randomUUID),
      client,
      server,
      looking,
      opening,
      agents,
    );
  }

  /** Ends what is under way with HOST_UNREACHABLE, and listens no more. */
  async close(): Promise<void> {
    this.opening.abort();
    this.agents.close();
    await this.looking.stop();
    await this.server.stop(new Date());
    await this.client.close();
  }
}

function logState(logger: Logger, host: string, state: HostState): void {
  const fields = { event: "host", agent_host: host, state };
  if (state === "PRESENT") logger.info(fields, `host ${host} is there`);
  else if (state === "AWAY") logger.warn(fields, `host ${host} is away: what is to be done there waits`);
  else logger.error(fields, `two agents claim host ${host}: neither is used until one of them ends`);
}
