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
    .action(async ({ configFile }: { configFile: string[] }) => {
      const { loadConfig } = await import("#daemon/config/load.js");
      const { ConfigError } = await import("#daemon/config/config-error.js");
      const { ExitCode } = await import("#daemon/exit-code.js");
      const say = (line: string) => write(`${line}\n`);
      try {
        const loaded = loadConfig(configFile, env);
        for (const { level, message } of loaded.unknown) if (level === "warn") say(`warning: ${message}`);
        for (const line of summary(loaded)) say(line);
        say("the configuration can be used");
      } catch (error) {
        if (!(error instanceof ConfigError)) throw error;
        for (const problem of error.problems) say(`error: ${problem}`);
        exit(ExitCode.CONFIG);
      }
    });
}

/** What the service would be, in a line each. Holds no secret. */
function summary({ config, bus, tls, keystone }: LoadedConfig): readonly string[] {
  const hosts = bus?.url.hosts.map(({ hostname, port }) => `${hostname}:${port}`).join(", ");
  const catalog = /^[a-z]+/.exec(config.catalogConnection.reveal())?.[0] ?? "";
  const grpc = [config.grpcListen, ...(tls === undefined ? [] : [`${tls.listen} with TLS`])].join(", ");
  return [
    `role        ${config.role} on ${config.host}`,
    `bus         ${hosts ?? "none"}`,
    ...(config.role === "agent" ? [] : [`gRPC        ${grpc}`, `catalog     ${catalog}`]),
    ...(config.role === "agent" ? [] : [`Keystone    ${keystone?.authUrl ?? "none"}`]),
    ...(config.role === "service" ? [] : [`hypervisor  ${config.hypervisor}`]),
    `policy      ${config.policyFile ?? "the defaults"}`,
    `metrics     ${config.metricsListen ?? "none"}`,
  ];
}
