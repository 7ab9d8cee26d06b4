import { QemuHypervisor } from "#adapters/qemu/adapter.js";
import { BareMachine } from "#integration/rigs/bare-machine.js";
import type { Door } from "#integration/rigs/door.js";
import { Service } from "#integration/rigs/service.js";
import { stepping } from "#integration/rigs/stepping.js";
import { change, overGrpc, populate } from "./calls.js";
import { atRest } from "./rest.js";

/** Kills a service right after one of its commands to a machine was answered. */
class KillAfterCommand {
  service: Service | undefined;
  private left = 0;
  private struck: Promise<void> | undefined;

  /** From now on: the command with this number, from 1 on, is the last one. */
  arm(command: number): void {
    this.left = command;
    this.struck = undefined;
  }

  /** Kills nobody any more. @returns whether it has killed */
  async disarm(): Promise<boolean> {
    this.left = 0;
    await this.struck;
    return this.struck !== undefined;
  }

  async step(at: string): Promise<void> {
    if (this.left === 0 || !at.startsWith("after machine ")) return;
    this.left -= 1;
    if (this.left > 0) return;
    this.struck = this.service?.kill();
    await this.struck;
  }
}

test.each([
  ["DEVICE_KIND_CDROM", { attach: 2, refresh: 6, detach: 2 }],
  ["DEVICE_KIND_DISK", { attach: 2, refresh: 4, detach: 2 }],
] as const)(
  "killed after each command to a machine that shows it as %s, a drive comes to rest with nothing left open",
  async (kind, commands) => {
    await using machine = await BareMachine.start("q35", ["virtio-scsi-pci,id=scsi0"]);
    const killer = new KillAfterCommand();
    await using service = await Service.start({
      qmpSocket: machine.socketTemplate,
      config: ["[drives]", "reconcile_interval = 1"],
      preload: stepping((at) => killer.step(at)),
    });
    killer.service = service;
    const eye = new QemuHypervisor({ socketTemplate: machine.socketTemplate, answerMs: 15_000, unplugMs: 15_000 });
    const { id: driveId } = await overGrpc(service, (door) => populate(door, 0));
    const attach = (door: Door) => change(door, "attach_drive", driveId, { instance_id: machine.instanceId, kind });
    const stage = (door: Door) => attach(door).then(() => populate(door, 1, driveId));
    const refresh = (door: Door) => change(door, "refresh_drive", driveId);
    const detach = (door: Door) => change(door, "detach_drive", driveId);
    const works = [
      { name: "attach", before: detach, work: attach },
      { name: "refresh", before: stage, work: refresh },
      { name: "detach", before: attach, work: detach },
    ] as const;
    for (const { name, before, work } of works) {
      for (let command = 1; command <= commands[name]; command++) {
        await overGrpc(service, before);
        killer.arm(command);
        await overGrpc(service, work).catch(() => undefined);
        expect({ name, command, killed: await killer.disarm() }).toEqual({ name, command, killed: true });
        await service.start();
        await atRest({ service, machine, eye, driveId });
      }
      await overGrpc(service, before);
      killer.arm(commands[name] + 1);
      await overGrpc(service, work);
      expect({ name, killed: await killer.disarm() }).toEqual({ name, killed: false });
    }
  },
  600_000,
);
