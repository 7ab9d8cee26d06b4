import type { Socket } from "node:net";
import { until } from "#integration/rigs/wait.js";
import { Connections } from "./connections.js";
import { Descriptions } from "./descriptions.js";
import type { Host } from "./host.js";
import { procedures } from "./remote-program.js";
import { type Script, ScriptedDaemon } from "./scripted-daemon.js";
import { UnplugRequests } from "./unplug-requests.js";
import { XdrWriter } from "./xdr.js";

const noAuthentication = new XdrWriter().uint(1).int(0).bytes();
const yes = new XdrWriter().int(1).bytes();
const use = () => ({
  instanceId: "vm-1",
  limits: { answerMs: 5000, unplugMs: 5000 },
  requests: new UnplugRequests(),
  descriptions: new Descriptions(),
  signal: AbortSignal.timeout(10_000),
});
const ask = (host: Host) => host.call("domainIsPersistent", new XdrWriter(), (reader) => reader.int());

/** A daemon that takes everyone and says yes; the test may answer a question itself. */
function daemonThat(question: (reply: () => void, peer: Socket) => void): Script {
  return ({ procedure }, reply, peer) => {
    if (procedure === procedures.authList) reply({ payload: noAuthentication });
    else if (procedure === procedures.connectOpen) reply({});
    else question(() => reply({ payload: yes }), peer);
  };
}

test("one use after the other has the same connection, two at once have one each; all close with the last", async () => {
  await using daemon = await ScriptedDaemon.open(daemonThat((reply) => reply()));
  const connections = new Connections({ uri: daemon.uri });
  await connections.use(use(), ask);
  await connections.use(use(), ask);
  expect(daemon.clients).toBe(1);
  await Promise.all([connections.use(use(), ask), connections.use(use(), ask)]);
  expect(daemon.clients).toBe(2);
  await connections.close();
  await daemon.deserted();
});

test("a connection that nobody uses closes by itself", async () => {
  await using daemon = await ScriptedDaemon.open(daemonThat((reply) => reply()));
  const connections = new Connections({ uri: daemon.uri });
  await connections.use(use(), ask);
  await daemon.deserted();
  await connections.close();
});

test("a refusal of libvirt's leaves the connection to the next use, a call that it has yet to answer does not", async () => {
  let isSilent = false;
  const asked = Promise.withResolvers<() => void>();
  await using daemon = await ScriptedDaemon.open(
    daemonThat((reply) => {
      if (isSilent) asked.resolve(reply);
      else reply();
    }),
  );
  const connections = new Connections({ uri: daemon.uri });
  await expect(connections.use(use(), () => Promise.reject(new Error("no")))).rejects.toThrow("no");
  await connections.use(use(), ask);
  expect(daemon.clients).toBe(1);

  isSilent = true;
  const caller = new AbortController();
  const givenUp = expect(connections.use({ ...use(), signal: caller.signal }, ask)).rejects.toMatchObject({
    reason: "CANCELLED",
  });
  const answer = await asked.promise;
  caller.abort();
  await givenUp;
  isSilent = false;
  await connections.use(use(), ask);
  expect(daemon.clients).toBe(2);
  answer();
  await connections.close();
});

test("a connection whose last call was answered after its use is the next one's", async () => {
  await using daemon = await ScriptedDaemon.open(daemonThat((reply) => reply()));
  const connections = new Connections({ uri: daemon.uri });
  const connection = await connections.use(use(), async (host) => {
    host.tell("domainEventDeregister", new XdrWriter().int(7));
    return host.connection;
  });
  await until(10_000, "the answer", async () => connection.isFree);
  await connections.use(use(), ask);
  expect(daemon.clients).toBe(1);
  await connections.close();
});

test("a kept connection that is lost before its first answer is made anew, one that is lost later is not", async () => {
  let [left, begun] = [0, 0];
  await using daemon = await ScriptedDaemon.open(
    daemonThat((reply, peer) => {
      left -= 1;
      if (left === 0) peer.destroy();
      else reply();
    }),
  );
  const connections = new Connections({ uri: daemon.uri });
  const twice = async (host: Host) => {
    begun += 1;
    await ask(host);
    await ask(host);
  };
  await connections.use(use(), ask);
  left = 1;
  await connections.use(use(), twice);
  expect([begun, daemon.clients]).toEqual([2, 2]);
  left = 2;
  await expect(connections.use(use(), twice)).rejects.toMatchObject({ reason: "HYPERVISOR_UNREACHABLE" });
  expect([begun, daemon.clients]).toEqual([3, 2]);
  await connections.close();
});
