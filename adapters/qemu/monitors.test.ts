import { rename } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { z } from "zod";
import type { PlacedImage } from "#drive/hypervisor.js";
import { QemuHypervisor } from "./adapter.js";
import { Monitors } from "./monitors.js";
import { deviceId, nodeName } from "./names.js";
import { type Command, type Script, ScriptedMonitor } from "./scripted-monitor.js";
import type { Session } from "./session.js";

const driveId = "0f6b3c1e-7a52-4c0d-9a41-5c2be2f7f6ff";
const image: PlacedImage = { driveId, generation: 1, path: "/1.img", sizeBytes: 4096, format: "raw" };
const wish = { kind: "disk", bus: "virtio" } as const;
const wait = () => ({ signal: AbortSignal.timeout(10_000) });
const name = (monitor: ScriptedMonitor) => basename(monitor.path, ".sock");
const optionsOf = (monitor: ScriptedMonitor) => ({
  socketTemplate: join(dirname(monitor.path), "{instance_id}.sock"),
  answerMs: 5000,
  unplugMs: 5000,
});

/** A `pc` machine with root bus slots alone, as much of it as an attach asks for. Counts who comes and what is asked. */
class Pc {
  readonly taken = new Set([0, 1]);
  readonly asked: string[] = [];
  readonly places: unknown[] = [];
  shown = false;

  readonly script: Script = (command, reply) => {
    this.asked.push(command.execute);
    const answer = this.#answer(command);
    reply({
      ...(typeof answer === "string" ? { error: { class: "GenericError", desc: answer } } : answer),
      id: command.id,
    });
  };

  #answer({ execute, arguments: args }: Command): string | { return: unknown } {
    switch (execute) {
      case "qom-get":
        return { return: "pc-i440fx-7.2-machine" };
      case "qom-list":
      case "query-named-block-nodes":
        return { return: [] };
      case "query-pci":
        return { return: [{ bus: 0, devices: [...this.taken].map((slot) => ({ slot })) }] };
      case "query-block": {
        const inserted = { "node-name": nodeName(driveId, 1), file: image.path };
        return { return: this.shown ? [{ qdev: deviceId(driveId), locked: false, inserted }] : [] };
      }
      case "device_add": {
        const slot = Number.parseInt(args?.addr ?? "", 16);
        this.places.push(slot);
        if (this.taken.has(slot))
          return `PCI: slot ${slot} function 0 not available for virtio-blk-pci, in use by other`;
        this.shown = true;
        return { return: {} };
      }
      default:
        return { return: {} };
    }
  }
}

test("from the choice to the attach there is one connection, and the machine is read once", async () => {
  const machine = new Pc();
  await using monitor = await ScriptedMonitor.open(machine.script);
  const hypervisor = new QemuHypervisor(optionsOf(monitor));
  const chosen = await hypervisor.choose(name(monitor), image, wish, wait());
  await hypervisor.observe(name(monitor), wait());
  await hypervisor.attach(name(monitor), image, chosen, wait());
  expect(monitor.clients).toBe(1);
  expect(machine.asked.filter((command) => command === "query-pci")).toHaveLength(1);
  expect(machine.places).toEqual([31]);
  // The attach was what the monitor was kept for.
  await monitor.deserted();
});

test("a place that another client took meanwhile is refused by QEMU, and the machine is read anew", async () => {
  const machine = new Pc();
  await using monitor = await ScriptedMonitor.open(machine.script);
  const hypervisor = new QemuHypervisor(optionsOf(monitor));
  const chosen = await hypervisor.choose(name(monitor), image, wish, wait());
  machine.taken.add(31);
  await hypervisor.attach(name(monitor), image, chosen, wait());
  expect(machine.places.at(-1)).toBe(30);
});

test("no place left at the second look is refused, and the node goes again", async () => {
  const machine = new Pc();
  await using monitor = await ScriptedMonitor.open(machine.script);
  const hypervisor = new QemuHypervisor(optionsOf(monitor));
  const chosen = await hypervisor.choose(name(monitor), image, wish, wait());
  for (let slot = 0; slot < 32; slot += 1) machine.taken.add(slot);
  await expect(hypervisor.attach(name(monitor), image, chosen, wait())).rejects.toMatchObject({
    reason: "BUS_NOT_AVAILABLE",
    message: expect.stringContaining("every PCI slot is taken"),
  });
  expect(machine.asked.at(-1)).toBe("blockdev-del");
});

test("after an event of the machine it is read anew before anything is plugged in", async () => {
  const machine = new Pc();
  await using monitor = await ScriptedMonitor.open((command, reply, peer) => {
    // An event before the answer: it is heard by the time the choice is made.
    if (command.execute === "query-pci")
      reply({ event: "DEVICE_DELETED", data: { path: "/machine/peripheral/other" } });
    machine.script(command, reply, peer);
  });
  const hypervisor = new QemuHypervisor(optionsOf(monitor));
  const chosen = await hypervisor.choose(name(monitor), image, wish, wait());
  machine.taken.add(31);
  await hypervisor.attach(name(monitor), image, chosen, wait());
  expect(machine.places).toEqual([30]);
});

describe("a monitor that was kept", () => {
  const status = z.object({});
  const ask = (session: Session) => session.run("query-status", {}, status);
  const answer: Script = ({ id }, reply) => reply({ return: {}, id });

  test("closes by itself after a moment", async () => {
    await using monitor = await ScriptedMonitor.open(answer);
    const monitors = new Monitors(optionsOf(monitor));
    await monitors.use(name(monitor), wait().signal, "reads", ask);
    await monitor.deserted();
    await monitors.use(name(monitor), wait().signal, "reads", ask);
    expect(monitor.clients).toBe(2);
    await monitors[Symbol.asyncDispose]();
  });

  test("closes with the others", async () => {
    await using monitor = await ScriptedMonitor.open(answer);
    const monitors = new Monitors(optionsOf(monitor));
    await monitors.use(name(monitor), wait().signal, "reads", ask);
    await monitors[Symbol.asyncDispose]();
    await monitor.deserted();
  });

  test("closes with work that fails", async () => {
    await using monitor = await ScriptedMonitor.open(answer);
    const monitors = new Monitors(optionsOf(monitor));
    const failing = monitors.use(name(monitor), wait().signal, "reads", () => Promise.reject(new Error("no")));
    await expect(failing).rejects.toThrow("no");
    await monitor.deserted();
  });

  test("whose machine ended is of no use: the machine is gone", async () => {
    await using monitor = await ScriptedMonitor.open(answer);
    const monitors = new Monitors(optionsOf(monitor));
    await monitors.use(name(monitor), wait().signal, "reads", ask);
    monitor.end(0);
    await expect(monitors.use(name(monitor), wait().signal, "reads", ask)).rejects.toMatchObject({
      reason: "INSTANCE_NOT_FOUND",
    });
  });

  test("that is lost before its first answer is opened anew, one that is lost later is not", async () => {
    let [left, begun] = [0, 0];
    await using monitor = await ScriptedMonitor.open(({ id }, reply, peer) => {
      left -= 1;
      if (left === 0) peer.destroy();
      else reply({ return: {}, id });
    });
    const monitors = new Monitors(optionsOf(monitor));
    const twice = async (session: Session) => {
      begun += 1;
      await ask(session);
      await ask(session);
    };
    await monitors.use(name(monitor), wait().signal, "reads", ask);
    left = 1;
    await monitors.use(name(monitor), wait().signal, "reads", twice);
    expect([begun, monitor.clients]).toEqual([2, 2]);
    left = 2;
    await expect(monitors.use(name(monitor), wait().signal, "reads", twice)).rejects.toMatchObject({
      reason: "HYPERVISOR_UNREACHABLE",
    });
    expect([begun, monitor.clients]).toEqual([3, 2]);
  });

  test("is not taken up where another machine listens at its path by now", async () => {
    await using before = await ScriptedMonitor.open(answer);
    await using after = await ScriptedMonitor.open(answer);
    const monitors = new Monitors(optionsOf(before));
    await monitors.use(name(before), wait().signal, "reads", ask);
    await rename(after.path, before.path);
    await monitors.use(name(before), wait().signal, "reads", ask);
    expect([before.clients, after.clients]).toEqual([1, 1]);
    await before.deserted();
    await monitors[Symbol.asyncDispose]();
  });
});
