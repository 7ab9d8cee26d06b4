import { hostsBecome } from "../agents/cloud.js";
import { Agent } from "../rigs/agent.js";
import { GrpcDoor } from "../rigs/grpc-door.js";
import { RabbitMq } from "../rigs/rabbitmq.js";
import { Scope } from "../rigs/scope.js";
import { Service } from "../rigs/service.js";

/** The host that instances are run on. */
export const HOST = "compute-1";

/** A service that runs instances, itself or by an agent. */
export interface Runner extends AsyncDisposable {
  readonly service: Service;
  /** Ends when the service, which was started anew, knows the host again. */
  met(): Promise<void>;
  /** The files of a drive, wherever it has any. */
  filesOfDrive(driveId: string): Promise<readonly string[]>;
  /** What has been logged so far. */
  logged(): Promise<string>;
}

/** Opens a service that runs instances on a hypervisor, given as the lines below `[drives]` that say which. */
export type OpenRunner = (hypervisor: readonly string[]) => Promise<Runner>;

const reconciling = ["[drives]", "reconcile_interval = 1", "[limits]", "instances_per_project = 5"];
const launching = ["[instances]", "launch = true"];

/** One process that does all of it. */
export const alone: OpenRunner = async (hypervisor) => {
  const config = ["[DEFAULT]", `host = ${HOST}`, ...reconciling, "[drives]", ...hypervisor, ...launching];
  const service = await Service.start({ config });
  return {
    service,
    met: async () => undefined,
    filesOfDrive: (driveId) => service.filesOfDrive(driveId),
    logged: () => service.logged(),
    [Symbol.asyncDispose]: () => service.stop(),
  };
};

/** A service that runs nothing itself, and the agent that does. */
export const behindAgent: OpenRunner = async (hypervisor) => {
  const scope = new Scope();
  try {
    const { transportUrl } = await scope.own(RabbitMq.start());
    const roles = ["[DEFAULT]", "role = service", "host = controller", "[agent]", "report_interval = 0.5"];
    const service = await scope.own(Service.start({ transportUrl, config: [...roles, ...reconciling] }));
    const agent = await scope.own(Agent.start({ host: HOST, transportUrl, hypervisor, config: launching }));
    const met = async () => {
      await using door = new GrpcDoor(service.address);
      await hostsBecome(door, { [HOST]: "PRESENT" });
    };
    await met();
    return {
      service,
      met,
      async filesOfDrive(driveId) {
        const there = (await agent.files()).filter((path) => path.includes(driveId));
        return [...(await service.filesOfDrive(driveId)), ...there];
      },
      logged: async () => (await service.logged()) + (await agent.logged()),
      [Symbol.asyncDispose]: () => scope[Symbol.asyncDispose](),
    };
  } catch (error) {
    await scope[Symbol.asyncDispose]();
    throw error;
  }
};
