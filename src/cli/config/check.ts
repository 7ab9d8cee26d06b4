import type { Command } from "commander";
import type { LoadedConfig } from "#daemon/config/load.js";

/** What the command takes from the process: tests give it their own. */
export interface CheckSurroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly write: (text: string) => void;
  readonly exit: (code: number) => void;
}

/** `configdrive config check`: reads a configuration as a start would, with every file that it names, and tells what it makes of it. */
export function registerCheck(parent: Command, { env, write, exit }: CheckSurroundings): void {
  parent
    .command("check")
    .description("read a configuration as the service would, and say what is wrong with it or what comes of it")
    .option("--config-file <file...>", "as for serve", [])
    .option("--json", "print what comes of it, warnings and errors as one JSON document")
    .action(async ({ configFile, json = false }: { configFile: string[]; json?: boolean }) => {
      const { loadConfig } = await import("#daemon/config/load.js");
      const { ConfigError } = await import("#daemon/config/config-error.js");
      const { ExitCode } = await import("#daemon/exit-code.js");
      const say = (checked: Checked) => write(json ? `${JSON.stringify(checked, null, 2)}\n` : told(checked));
      try {
        const loaded = loadConfig(configFile, env);
        const warnings = loaded.unknown.filter(({ level }) => level === "warn").map(({ message }) => message);
        say({ usable: true, errors: [], warnings, service: summary(loaded) });
      } catch (error) {
        if (!(error instanceof ConfigError)) throw error;
        say({ usable: false, errors: error.problems, warnings: [] });
        exit(ExitCode.CONFIG);
      }
    });
}

/** What comes of a configuration. */
interface Checked {
  readonly usable: boolean;
  /** Each with the place where it stands. */
  readonly errors: readonly string[];
  readonly warnings: readonly string[];
  readonly service?: Summary;
}

/** What the service would be. Holds no secret; `null` is for what it would be without. */
interface Summary {
  readonly role: LoadedConfig["config"]["role"];
  readonly host: string;
  /** The brokers. */
  readonly bus: readonly string[];
  /** These not with the role `agent`. */
  readonly grpc?: readonly string[];
  readonly catalog?: string;
  readonly keystone?: string | null;
  /** Not with the role `service`. */
  readonly hypervisor?: string;
  readonly policy: string | null;
  readonly metrics: string | null;
}

function summary({ config, bus, tls, keystone }: LoadedConfig): Summary {
  const { role, host } = config;
  return {
    ...{ role, host, bus: bus?.url.hosts.map(({ hostname, port }) => `${hostname}:${port}`) ?? [] },
    ...(role === "agent"
      ? {}
      : {
          grpc: [config.grpcListen, ...(tls === undefined ? [] : [`${tls.listen} with TLS`])],
          catalog: /^[a-z]+/.exec(config.catalogConnection.reveal())?.[0] ?? "",
          keystone: keystone?.authUrl ?? null,
        }),
    ...(role === "service" ? {} : { hypervisor: config.hypervisor }),
    policy: config.policyFile ?? null,
    metrics: config.metricsListen ?? null,
  };
}

/** The same for people, in a line each. */
function told({ errors, warnings, service }: Checked): string {
  const lines = [
    ...warnings.map((warning) => `warning: ${warning}`),
    ...errors.map((error) => `error: ${error}`),
    ...(service === undefined ? [] : [...linesOf(service), "the configuration can be used"]),
  ];
  return lines.map((line) => `${line}\n`).join("");
}

function linesOf({
  role,
  host,
  bus,
  grpc,
  catalog,
  keystone,
  hypervisor,
  policy,
  metrics,
}: Summary): readonly string[] {
  return [
    `role        ${role} on ${host}`,
    `bus         ${bus.length === 0 ? "none" : bus.join(", ")}`,
    ...(grpc === undefined ? [] : [`gRPC        ${grpc.join(", ")}`]),
    ...(catalog === undefined ? [] : [`catalog     ${catalog}`]),
    ...(keystone === undefined ? [] : [`Keystone    ${keystone ?? "none"}`]),
    ...(hypervisor === undefined ? [] : [`hypervisor  ${hypervisor}`]),
    `policy      ${policy ?? "the defaults"}`,
    `metrics     ${metrics ?? "none"}`,
  ];
}
