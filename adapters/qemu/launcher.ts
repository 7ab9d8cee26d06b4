import { constants } from "node:fs";
import { access, rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { Device } from "#drive/drive.js";
import type { DeviceWish, PlacedImage, Wait } from "#drive/hypervisor.js";
import type { Launchable, Launcher, ShownDrive } from "#drive/launcher.js";
import { Refusal } from "#drive/refusal.js";
import { chooseAtStart } from "../start-choice.js";
import { templateRefusal, withoutValues } from "../template-refusal.js";
import { refusalFromSignal } from "../wait-ended.js";
import type { MonitorOptions, Monitors } from "./monitors.js";
import { deviceId } from "./names.js";
import { requireShown } from "./plug.js";
import { ended, kill, processesOf } from "./process.js";
import { isGone, isMonitorLost } from "./refusals.js";
import type { Session } from "./session.js";
import type { SocketTemplate } from "./socket-template.js";
import { startQemu } from "./spawn.js";
import { driveArguments } from "./start-arguments.js";
import { parseTemplate, type QemuTemplate } from "./template.js";

/** How long a QEMU may take to end once it is told to, before it is killed. */
const QUIT_MS = 5000;
const LOOK_AGAIN_MS = 50;

export interface QemuLauncherOptions extends MonitorOptions {
  /** The folder where the QEMU programs are. */
  readonly programs: string;
}

/**
 * QEMU processes that the service starts and that outlive it: each in the background, with a pid file beside its QMP socket, and found
 * again by its command line. A stopped instance is nothing but its row in the catalog.
 */
export class QemuLauncher implements Launcher {
  readonly #sockets: SocketTemplate;

  constructor(
    private readonly options: QemuLauncherOptions,
    /** Those that the hypervisor on the same host uses: QEMU serves one client. */
    private readonly monitors: Monitors,
  ) {
    this.#sockets = monitors.template;
  }

  async plan(
    instance: Launchable,
    image: Pick<PlacedImage, "driveId" | "format" | "sizeBytes">,
    wish: DeviceWish,
  ): Promise<Device> {
    const template = parseTemplate(instance);
    this.#sockets.pathOf(instance.id);
    await access(this.#program(template), constants.X_OK).catch(() => {
      throw templateRefusal("program", `there is no ${template.program} in ${this.options.programs}`);
    });
    return chooseAtStart(template.family, image, wish, deviceId(image.driveId));
  }

  async launch(instance: Launchable, drives: readonly ShownDrive[], { signal }: Wait): Promise<void> {
    const { id } = instance;
    const template = parseTemplate(instance);
    const isThere = await this.runs(id);
    if (!isThere) {
      this.#sockets.requireFolder(id);
      await this.#tidy(id);
      const args = [...template.arguments, ...this.#ownArguments(instance), ...driveArguments(drives, template.family)];
      await startQemu(this.#program(template), args, id, signal, (said) => withoutValues(said, template.values));
    }
    await this.#use(id, signal, async (session) => {
      for (const { image } of isThere ? [] : drives) await requireShown(session, image);
    });
  }

  async stop(instanceId: string, graceMs: number, { signal }: Wait): Promise<void> {
    const pidFile = this.#pidFile(instanceId);
    if (graceMs > 0 && (await this.runs(instanceId))) {
      await this.#tell(instanceId, "system_powerdown", signal);
      const grace = AbortSignal.any([signal, AbortSignal.timeout(graceMs)]);
      await ended(instanceId, pidFile, grace);
      if (signal.aborted) throw refusalFromSignal(signal, `stopping instance ${instanceId}`);
    }
    if (await this.runs(instanceId)) {
      await this.#tell(instanceId, "quit", signal);
      await ended(instanceId, pidFile, AbortSignal.any([signal, AbortSignal.timeout(QUIT_MS)]));
    }
    await kill(instanceId, pidFile);
    if (!(await ended(instanceId, pidFile, signal))) throw refusalFromSignal(signal, `stopping instance ${instanceId}`);
    await this.#tidy(instanceId);
  }

  async destroy(instanceId: string, wait: Wait): Promise<void> {
    await this.stop(instanceId, 0, wait);
  }

  async runs(instanceId: string): Promise<boolean> {
    return (await processesOf(instanceId, this.#pidFile(instanceId))).length > 0;
  }

  #program({ program }: QemuTemplate): string {
    return join(this.options.programs, program);
  }

  #pidFile(instanceId: string): string {
    return `${this.#sockets.pathOf(instanceId)}.pid`;
  }

  /** In this order, for that is how the process is known again. */
  #ownArguments({ id, name }: Launchable): string[] {
    const socket = this.#sockets.pathOf(id).replaceAll(",", ",,");
    return [
      ...["-name", `guest=${name}`, "-uuid", id, "-pidfile", this.#pidFile(id), "-daemonize"],
      ...["-qmp", `unix:${socket},server=on,wait=off`],
    ];
  }

  /** What a QEMU that was killed leaves: a socket that nobody listens at, a pid that may be another's by now. */
  async #tidy(instanceId: string): Promise<void> {
    await rm(this.#sockets.pathOf(instanceId), { force: true });
    await rm(this.#pidFile(instanceId), { force: true });
  }

  /** One use of the monitor. A QEMU that was found on its way up has none yet, and gets the time to make it. */
  async #use(instanceId: string, signal: AbortSignal, work: (session: Session) => Promise<void>): Promise<void> {
    for (;;) {
      try {
        return await this.monitors.use(instanceId, signal, "changes", work);
      } catch (error) {
        if (!isGone(error)) throw error;
        if (!(await this.runs(instanceId))) throw notUp(instanceId, error);
        await pause(LOOK_AGAIN_MS);
      }
    }
  }

  /** Tells the guest or QEMU to end; whether they did shows by the process alone. */
  async #tell(instanceId: string, command: string, signal: AbortSignal): Promise<void> {
    try {
      await this.#use(instanceId, signal, (session) => session.do(command, {}));
    } catch (error) {
      if (signal.aborted) throw error;
      const isOver = isMonitorLost(error) || (error instanceof Refusal && error.reason === "HYPERVISOR_UNREACHABLE");
      if (!isOver && (await this.runs(instanceId))) throw error;
    }
  }
}

function notUp(instanceId: string, cause: unknown): Refusal {
  return new Refusal("HYPERVISOR_FAILED", `instance ${instanceId}: QEMU ended as soon as it was started`, {
    metadata: { hypervisor: "qemu", instance_id: instanceId },
    cause,
  });
}
