import { LibvirtHypervisor } from "./adapter.js";
import { EVENT, type Message } from "./message.js";
import { diskAlias } from "./names.js";
import { DEVICE_REMOVED_MESSAGE, procedures, writeDomain } from "./remote-program.js";
import { ScriptedDaemon } from "./scripted-daemon.js";
import { XdrReader, XdrWriter } from "./xdr.js";

const driveId = "0f6b3c1e-7a52-4c0d-9a41-5c2be2f7f6ff";
const device = { kind: "disk", bus: "virtio", name: "vda", reason: "" } as const;
const CALLBACK = 7;

/** What the daemon of this test answers: a running domain that shows the drive. */
const reference = { name: "vm-1", uuid: Buffer.alloc(16, 7), id: 3 };
const domain = writeDomain(new XdrWriter(), reference).bytes();
const xml = `<domain><devices><disk device="disk"><target dev="vda" bus="virtio"/><alias name="${diskAlias(driveId, 1)}"/>
  </disk></devices></domain>`;
const answers: ReadonlyMap<number, Buffer> = new Map([
  [procedures.authList, new XdrWriter().uint(1).int(0).bytes()],
  [procedures.connectOpen, Buffer.alloc(0)],
  [procedures.domainLookupByName, domain],
  [procedures.domainIsPersistent, new XdrWriter().int(0).bytes()],
  [procedures.domainGetXmlDesc, new XdrWriter().string(xml).bytes()],
  [procedures.domainEventRegister, new XdrWriter().int(CALLBACK).bytes()],
  [procedures.domainEventDeregister, Buffer.alloc(0)],
]);

test("a guest that was just asked for a disk is not asked again by the next call", async () => {
  const asked = Promise.withResolvers<void>();
  const looked = Promise.withResolvers<void>();
  let [requests, uses, looks] = [0, 0, 0];
  await using daemon = await ScriptedDaemon.open((message, reply) => {
    const { procedure } = message;
    if (procedure === procedures.domainLookupByName) uses += 1;
    if (procedure === procedures.domainDetachDeviceAlias) {
      requests += 1;
      reply({});
      asked.resolve();
    }
    // The third look of a use comes after the turn in which the guest would be asked.
    const payload = answers.get(procedure);
    if (payload !== undefined) reply({ payload });
    if (procedure === procedures.domainGetXmlDesc && uses === 2 && ++looks === 3) looked.resolve();
  });
  const hypervisor = new LibvirtHypervisor({ uri: daemon.uri, answerMs: 30_000, unplugMs: 30_000 });
  for (const reached of [asked.promise, looked.promise]) {
    const caller = new AbortController();
    const givenUp = expect(
      hypervisor.detach("vm-1", driveId, device, false, { signal: caller.signal }),
    ).rejects.toMatchObject({ reason: "CANCELLED" });
    await reached;
    caller.abort();
    await givenUp;
  }
  await hypervisor.close();
  expect(requests).toBe(1);
});

test("a detach that is given up ends at once; libvirt is told to send no more events, and is left when it has answered", async () => {
  const asked = Promise.withResolvers<() => void>();
  const deregistered = Promise.withResolvers<Message>();
  let closed = false;
  await using daemon = await ScriptedDaemon.open((message, reply, peer) => {
    const payload = answers.get(message.procedure);
    if (message.procedure === procedures.domainDetachDeviceAlias) {
      peer.once("close", () => {
        closed = true;
      });
      asked.resolve(() => reply({}));
    }
    if (payload !== undefined) reply({ payload });
    if (message.procedure === procedures.domainEventDeregister) deregistered.resolve(message);
  });
  const hypervisor = new LibvirtHypervisor({ uri: daemon.uri, answerMs: 30_000, unplugMs: 30_000 });
  const caller = new AbortController();
  const givenUp = expect(
    hypervisor.detach("vm-1", driveId, device, false, { signal: caller.signal }),
  ).rejects.toMatchObject({ reason: "CANCELLED" });
  const answer = await asked.promise;
  caller.abort();
  await givenUp;
  const { payload } = await deregistered.promise;
  expect(new XdrReader(payload).int()).toBe(CALLBACK);
  // A whole other use of the daemon later it is still there.
  expect(await hypervisor.observe("vm-1", { signal: AbortSignal.timeout(5000) })).toMatchObject([{ driveId }]);
  expect(closed).toBe(false);
  answer();
  await hypervisor.close();
});

test("a detach ends with libvirt's event that its disk is gone, not with another disk's; no description is waited for", async () => {
  const caller = AbortSignal.timeout(20_000);
  let looks = 0;
  await using daemon = await ScriptedDaemon.open((message, reply) => {
    const { procedure } = message;
    const payload = answers.get(procedure);
    if (payload !== undefined) reply({ payload });
    if (procedure === procedures.domainDetachDeviceAlias) {
      reply({});
      tellRemoved(reply, "another");
    }
    // By the detach itself, before the guest is asked, and after the event of the other disk.
    if (procedure === procedures.domainGetXmlDesc && ++looks === 3) tellRemoved(reply, diskAlias(driveId, 1));
  });
  const hypervisor = new LibvirtHypervisor({ uri: daemon.uri, answerMs: 30_000, unplugMs: 30_000 });
  await hypervisor.detach("vm-1", driveId, device, false, { signal: caller });
  await hypervisor.close();
  expect(looks).toBeGreaterThanOrEqual(3);
});

function tellRemoved(reply: (answer: Partial<Message>) => void, alias: string): void {
  const payload = writeDomain(new XdrWriter().int(CALLBACK), reference).string(alias).bytes();
  reply({ procedure: DEVICE_REMOVED_MESSAGE, type: EVENT, serial: 0, payload });
}
