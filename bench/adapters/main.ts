import { randomUUID } from "node:crypto";
import { LibvirtHypervisor } from "#adapters/libvirt/adapter.js";
import { QemuHypervisor } from "#adapters/qemu/adapter.js";
import { type Aim, report } from "#bench/report.js";
import { Sample } from "#bench/sample.js";
import type { Hypervisor } from "#drive/hypervisor.js";
import { BareMachine } from "#integration/rigs/bare-machine.js";
import { blob, callOf, DriveServiceRig } from "#integration/rigs/drive-service.js";
import { LibvirtDaemon } from "#integration/rigs/libvirt-daemon.js";
import { Scope } from "#integration/rigs/scope.js";
import { bareCalls, virshChildren, type Way } from "./bare-libvirt.js";
import { bareCommands } from "./bare-qemu.js";
import { syncedCommits } from "./synced-commits.js";

/** Rounds: `ROUNDS=0.1` for a tenth of them. */
const rounds = Math.max(10, Math.round(200 * Number(process.env.ROUNDS ?? 1)));
const INSTANCES = 200;
const limits = { answerMs: 60_000, unplugMs: 60_000 };
const call = () => callOf("bench", AbortSignal.timeout(600_000));
const cdrom = { kind: "cdrom", bus: "scsi" } as const;
const aims: Aim[] = [];

/** Attach and detach of a drive through the service's own use cases: catalog on disk, adapter, and the backend. */
async function throughTheService(rig: DriveServiceRig, instanceId: string): Promise<Way> {
  const { id: driveId } = await rig.service.populate(blob("x".repeat(4096)), call());
  const named = () => ({ requestId: randomUUID(), driveId, instanceId });
  return {
    attach: async () => void (await rig.service.attach({ ...named(), host: "", ...cdrom }, call())),
    detach: async () => void (await rig.service.detach({ ...named(), force: false }, call())),
  };
}

/**
 * All ways in turn, round by round; the first rounds are forgotten. The service's own share is what it takes beyond the backend's
 * bare time and that of its synced commits.
 */
async function compare(title: string, ways: Readonly<Record<string, Way>>): Promise<void> {
  const samples = new Map(Object.keys(ways).map((name) => [name, { attach: new Sample(), detach: new Sample() }]));
  for (let round = -5; round < rounds; round += 1) {
    for (const [name, way] of Object.entries(ways)) {
      for (const step of ["attach", "detach"] as const) {
        const start = performance.now();
        await way[step]();
        if (round >= 0) samples.get(name)?.[step].add(performance.now() - start);
      }
    }
  }
  console.log(`\n## ${title}: median (p10, p90) in ms\n\n| | attach | detach |\n|---|---:|---:|`);
  const cell = (sample: Sample) =>
    `${sample.median.toFixed(2)} (${sample.quantile(0.1).toFixed(2)}, ${sample.quantile(0.9).toFixed(2)})`;
  for (const [name, { attach, detach }] of samples) console.log(`| ${name} | ${cell(attach)} | ${cell(detach)} |`);
  for (const step of ["attach", "detach"] as const) {
    const median = (name: string) => samples.get(name)?.[step].median ?? Number.NaN;
    const measured = median("service") - median("bare") - median("synced commits");
    aims.push({ text: `${title}: the service's own share of ${step}`, measured, limit: 2, unit: "ms" });
  }
}

/** One pass of the reconciler over instances that have a drive each; their domains are shut off, the daemon is a real one. */
async function pass(daemon: LibvirtDaemon, hypervisor: Hypervisor): Promise<void> {
  await using rig = await DriveServiceRig.open(hypervisor);
  for (let index = 0; index < INSTANCES; index += 1) {
    const instanceId = await daemon.domain({ machine: "pc", shutOff: true });
    const { id: driveId } = await rig.service.populate(blob("x".repeat(4096)), call());
    await rig.service.attach({ requestId: randomUUID(), driveId, instanceId, host: "", ...cdrom }, call());
  }
  const times = new Sample();
  for (let round = 0; round < 10; round += 1) {
    const start = performance.now();
    const { restored, refusals } = await rig.service.reconcile(AbortSignal.timeout(600_000));
    if (restored > 0 || refusals.length > 0) throw new Error("a pass over what is right did something");
    times.add(performance.now() - start);
  }
  console.log(`\n## One pass of the reconciler, ${INSTANCES} instances of libvirt with a drive each\n`);
  console.log(`median ${times.median.toFixed(0)} ms, ${(times.median / INSTANCES).toFixed(2)} ms an instance`);
}

await using scope = new Scope();
const commits = await scope.own(syncedCommits());
const machine = await scope.own(BareMachine.start("pc", ["virtio-scsi-pci,id=scsi0"]));
const qemu = new QemuHypervisor({ socketTemplate: machine.socketTemplate, ...limits });
const overQemu = await scope.own(DriveServiceRig.open(qemu));
await compare("qemu", {
  bare: await scope.own(bareCommands(machine, await machine.image("bare", 1))),
  "synced commits": commits,
  service: await throughTheService(overQemu, machine.instanceId),
});

const daemon = await scope.own(LibvirtDaemon.start());
const libvirt = new LibvirtHypervisor({ ...daemon.endpoint, ...limits });
const uuid = await daemon.domain({ machine: "pc" });
const image = await daemon.image("bare", 1);
const overLibvirt = await scope.own(DriveServiceRig.open(libvirt));
await compare("libvirt", {
  bare: await scope.own(bareCalls(daemon, uuid, image)),
  "synced commits": commits,
  service: await throughTheService(overLibvirt, uuid),
  "virsh children": await virshChildren(daemon, uuid, image),
});
await pass(daemon, libvirt);
console.log("");
const met = report([], aims, "bench/results/adapters.json");
if (!met && process.env.STRICT === "1") process.exitCode = 1;
