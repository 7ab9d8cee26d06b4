import type { Socket } from "node:net";
import { Connection } from "./connection.js";
import type { Message } from "./message.js";
import { LibvirtConnectionLost, LibvirtError, LibvirtUnreachable } from "./remote-error.js";
import { KEEPALIVE_PROGRAM, readDeviceRemoved } from "./remote-program.js";
import { ScriptedDaemon } from "./scripted-daemon.js";
import { XdrError, type XdrReader, XdrWriter } from "./xdr.js";

const soon = () => AbortSignal.timeout(5000);
const number = (value: number) => new XdrWriter().uint(value).bytes();
const readNumber = (reader: XdrReader) => reader.uint();
const ask = (connection: Connection, signal = soon()) =>
  connection.call("domainIsPersistent", Buffer.alloc(0), readNumber, signal);

test("a call carries program, version, procedure and a serial of its own; replies find their calls in any order", async () => {
  const got: Message[] = [];
  await using daemon = await ScriptedDaemon.open((message, reply) => {
    got.push(message);
    if (got.length < 2) return;
    reply({ payload: number(22) });
    reply({ serial: 1, payload: number(11) });
  });
  await using connection = await Connection.connect({ uri: daemon.uri }, soon());
  expect(await Promise.all([ask(connection), ask(connection)])).toEqual([11, 22]);
  expect(got).toMatchObject([
    { program: 0x20008086, version: 1, procedure: 151, type: 0, serial: 1, status: 0 },
    { serial: 2 },
  ]);
});

test("an error comes out with its code and text", async () => {
  const payload = new XdrWriter()
    .int(42)
    .int(10)
    .optional("Domain not found", (writer, text) => writer.string(text))
    .int(2);
  await using daemon = await ScriptedDaemon.open((_, reply) => reply({ status: 1, payload: payload.bytes() }));
  await using connection = await Connection.connect({ uri: daemon.uri }, soon());
  const error = await ask(connection).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(LibvirtError);
  expect(error).toMatchObject({ procedure: "domainIsPersistent", code: 42, description: "Domain not found" });
});

test("a ping is answered with a pong", async () => {
  const pong = Promise.withResolvers<Message>();
  await using daemon = await ScriptedDaemon.open((message, reply) => {
    if (message.program === KEEPALIVE_PROGRAM) pong.resolve(message);
    else reply({ program: KEEPALIVE_PROGRAM, procedure: 1, type: 2, serial: 0 });
  });
  await using connection = await Connection.connect({ uri: daemon.uri }, soon());
  const lost = expect(ask(connection)).rejects.toBeInstanceOf(LibvirtConnectionLost);
  expect(await pong.promise).toMatchObject({ version: 1, procedure: 2, type: 2, serial: 0, status: 0 });
  await connection.close(0);
  await lost;
});

test("a connection closes once libvirt has answered what was given up, and fails what is under way at once", async () => {
  const asked = Promise.withResolvers<void>();
  const replies: (() => void)[] = [];
  let closed = false;
  await using daemon = await ScriptedDaemon.open((_, reply, peer) => {
    peer.once("close", () => {
      closed = true;
    });
    replies.push(() => reply({ payload: number(1) }));
    if (replies.length === 2) asked.resolve();
  });
  await using connection = await Connection.connect({ uri: daemon.uri }, soon());
  await expect(ask(connection, AbortSignal.timeout(20))).rejects.toMatchObject({ name: "TimeoutError" });
  const underWay = expect(ask(connection)).rejects.toBeInstanceOf(LibvirtConnectionLost);
  await asked.promise;
  const closing = connection.close(60_000);
  await underWay;
  await expect(ask(connection)).rejects.toBeInstanceOf(LibvirtConnectionLost);
  expect(closed).toBe(false);
  for (const reply of replies) reply();
  await closing;
});

test("a connection closes without an answer after its limit, and at once when libvirt closes it", async () => {
  const peers: Socket[] = [];
  await using daemon = await ScriptedDaemon.open((_message, _reply, peer) => void peers.push(peer));
  for (const end of [() => undefined, () => peers.at(-1)?.destroy()]) {
    await using connection = await Connection.connect({ uri: daemon.uri }, soon());
    await expect(ask(connection, AbortSignal.timeout(100))).rejects.toMatchObject({ name: "TimeoutError" });
    const closing = connection.close(peers.length === 1 ? 50 : 60_000);
    end();
    await closing;
  }
  expect(peers).toHaveLength(2);
});

test("events are heard by who listens, and no longer than that", async () => {
  const removed = new XdrWriter().int(1).string("vm").fixedOpaque(Buffer.alloc(16, 7)).int(3).string("ua-x").bytes();
  await using daemon = await ScriptedDaemon.open((_, reply) => {
    reply({ procedure: 333, type: 2, serial: 0, payload: removed });
    reply({ payload: number(1) });
  });
  await using connection = await Connection.connect({ uri: daemon.uri }, soon());
  const heard: unknown[] = [];
  const listening = connection.listen(333, (reader) => heard.push(readDeviceRemoved(reader)));
  await ask(connection);
  listening[Symbol.dispose]();
  await ask(connection);
  expect(heard).toEqual([{ domain: { name: "vm", uuid: Buffer.alloc(16, 7), id: 3 }, alias: "ua-x" }]);
});

test("a deadline ends a call; its late answer disturbs nobody", async () => {
  const replies: (() => void)[] = [];
  await using daemon = await ScriptedDaemon.open((message, reply) => {
    replies.push(() => reply({ payload: number(message.serial) }));
    if (message.serial === 2) for (const late of replies) late();
  });
  await using connection = await Connection.connect({ uri: daemon.uri }, soon());
  await expect(ask(connection, AbortSignal.timeout(20))).rejects.toMatchObject({ name: "TimeoutError" });
  expect(await ask(connection)).toBe(2);
});

test("a connection that closes fails what is under way, and what comes after", async () => {
  await using daemon = await ScriptedDaemon.open((_, _reply, peer) => peer.destroy());
  await using connection = await Connection.connect({ uri: daemon.uri }, soon());
  await expect(ask(connection)).rejects.toBeInstanceOf(LibvirtConnectionLost);
  await expect(ask(connection)).rejects.toBeInstanceOf(LibvirtConnectionLost);
});

test.each<[string, Partial<Message> | string]>([
  ["text", "HTTP/1.1 400 Bad Request\r\n\r\n"],
  ["another program", { program: 7 }],
  ["a stream", { type: 3 }],
  ["an answer to something else", { procedure: 9 }],
])("a peer that sends %s does not speak the protocol", async (_, sent) => {
  await using daemon = await ScriptedDaemon.open((_message, reply, peer) => {
    if (typeof sent === "string") peer.write(sent);
    else reply(sent);
  });
  await using connection = await Connection.connect({ uri: daemon.uri }, soon());
  await expect(ask(connection)).rejects.toMatchObject({ why: /does not speak libvirt's protocol/ });
});

test("a reply of another form is refused", async () => {
  await using daemon = await ScriptedDaemon.open((_, reply) => reply({ payload: Buffer.alloc(8) }));
  await using connection = await Connection.connect({ uri: daemon.uri }, soon());
  await expect(ask(connection)).rejects.toBeInstanceOf(XdrError);
});

test("nobody at the socket", async () => {
  const uri = { transport: "unix", socket: "/nowhere/sock", driver: "qemu:///system" } as const;
  const error = await Connection.connect({ uri }, soon()).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(LibvirtUnreachable);
  expect(error).toMatchObject({ code: "ENOENT" });
});

describe("a stream to libvirt", () => {
  const pieces = async function* (...texts: string[]) {
    for (const text of texts) yield Buffer.from(text);
  };

  test("goes out under the serial of its call, and ends when libvirt says that it has all of it", async () => {
    const got: Message[] = [];
    await using daemon = await ScriptedDaemon.open((message, reply) => {
      got.push(message);
      if (message.type === 0) reply({});
      else if (message.status === 0) reply({ type: 3 });
    });
    await using connection = await Connection.connect({ uri: daemon.uri }, soon());
    await connection.send("storageVolUpload", number(7), pieces("one", "two"), soon());
    expect(got.map(({ type, status, serial, payload }) => [type, status, serial, payload.toString()])).toEqual([
      [0, 0, 1, "\0\0\0\x07"],
      [3, 2, 1, "one"],
      [3, 2, 1, "two"],
      [3, 0, 1, ""],
    ]);
    expect(got.every(({ procedure }) => procedure === 208)).toBe(true);
  });

  test("that libvirt breaks off fails with its error, and the connection lives", async () => {
    const payload = new XdrWriter()
      .int(38)
      .int(18)
      .optional("No space left", (writer, text) => writer.string(text));
    const endless = async function* () {
      for (;;) {
        yield Buffer.alloc(1000);
        await new Promise(setImmediate);
      }
    };
    let asked = 0;
    await using daemon = await ScriptedDaemon.open((message, reply) => {
      if (message.procedure !== 208) reply({ payload: number(1) });
      else if (message.type === 0) reply({});
      else if (asked++ === 0) reply({ type: 3, status: 1, payload: payload.bytes() });
    });
    await using connection = await Connection.connect({ uri: daemon.uri }, soon());
    const sending = connection.send("storageVolUpload", number(7), endless(), soon());
    await expect(sending).rejects.toMatchObject({ code: 38, description: "No space left" });
    expect(await ask(connection)).toBe(1);
  });

  test("whose source fails is broken off, so that libvirt does not take it for whole", async () => {
    const ends = Promise.withResolvers<number>();
    await using daemon = await ScriptedDaemon.open((message, reply) => {
      if (message.type === 0) reply({});
      else if (message.status !== 2) ends.resolve(message.status);
    });
    await using connection = await Connection.connect({ uri: daemon.uri }, soon());
    // biome-ignore lint/correctness/useYield: the source fails before its first piece
    const failing = async function* (): AsyncGenerator<Buffer> {
      throw new Error("the disk broke");
    };
    await expect(connection.send("storageVolUpload", number(7), failing(), soon())).rejects.toThrow("the disk broke");
    expect(await ends.promise).toBe(1);
  });

  test("that libvirt does not take ends with the deadline", async () => {
    await using daemon = await ScriptedDaemon.open((message, reply) => {
      if (message.type === 0) reply({});
    });
    await using connection = await Connection.connect({ uri: daemon.uri }, soon());
    const sending = connection.send("storageVolUpload", number(7), pieces("x"), AbortSignal.timeout(50));
    await expect(sending).rejects.toMatchObject({ name: "TimeoutError" });
  });
});
