import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { readDirectly } from "./read-directly.js";

/** Two ends of one TCP connection, and what a reader of all there is got at its end. */
async function pair(use: (near: Socket, far: Socket) => Promise<void>): Promise<void> {
  const server = createServer();
  await once(server.listen(0, "127.0.0.1"), "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  const accepted = once(server, "connection");
  const near = connect(address.port, "127.0.0.1");
  const [far] = await accepted;
  try {
    await use(near, far);
  } finally {
    near.destroy();
    far.destroy();
    server.close();
  }
}

function readAll(socket: Socket, into: Buffer[]): void {
  socket.on("readable", () => {
    for (let chunk = socket.read(); chunk !== null; chunk = socket.read()) into.push(chunk);
  });
}

const numbered = (count: number): Buffer => Buffer.from(Array.from({ length: count }, (_, index) => index % 251));

test("every byte arrives once and in order, then the end", () =>
  pair(async (near, far) => {
    const got: Buffer[] = [];
    readAll(near, got);
    readDirectly(near);
    const ended = once(near, "end");
    const sent = numbered(1_000_000);
    far.end(sent);
    await ended;
    expect(Buffer.concat(got).equals(sent)).toBe(true);
  }));

test("what lay in the stream before comes first", () =>
  pair(async (near, far) => {
    far.write("early ");
    await once(near, "readable");
    expect(near.readableLength).toBeGreaterThan(0);
    readDirectly(near);
    far.end("late");
    const got: Buffer[] = [];
    readAll(near, got);
    await once(near, "end");
    expect(Buffer.concat(got).toString()).toBe("early late");
  }));

test("a listener has the bytes without the stream keeping them", () =>
  pair(async (near, far) => {
    readDirectly(near);
    const taken = new Promise<{ kept: number; chunk: Buffer }>((resolve) => {
      near.once("readable", () => resolve({ kept: near.readableLength, chunk: near.read() }));
    });
    far.write("frame");
    expect(await taken).toEqual({ kept: 0, chunk: Buffer.from("frame") });
  }));

test("what no listener takes stays for a later read", () =>
  pair(async (near, far) => {
    readDirectly(near);
    const told = once(near, "readable");
    far.write("frame");
    await told;
    expect(near.read()).toEqual(Buffer.from("frame"));
  }));
