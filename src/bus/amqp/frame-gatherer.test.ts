import { Writable } from "node:stream";
import { setImmediate as turn } from "node:timers/promises";
import { FrameGatherer } from "./frame-gatherer.js";

/** What goes out, a list for each write to the kernel. */
class Wire extends Writable {
  readonly writes: string[][] = [];

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.writes.push([chunk.toString()]);
    done();
  }

  override _writev(chunks: { chunk: Buffer }[], done: () => void): void {
    this.writes.push(chunks.map(({ chunk }) => chunk.toString()));
    done();
  }
}

test("frames of one turn of the event loop go out together, in order", async () => {
  const wire = new Wire();
  const gatherer = new FrameGatherer(wire);
  gatherer.write(Buffer.from("ack "));
  queueMicrotask(() => {
    gatherer.write(Buffer.from("header "));
    process.nextTick(() => gatherer.write(Buffer.from("body")));
  });
  expect(wire.writes).toEqual([]);
  await turn();
  gatherer.write(Buffer.from("next"));
  await turn();
  expect(wire.writes).toEqual([["ack header body"], ["next"]]);
});

test("large frames are not copied, and still go out together", async () => {
  const wire = new Wire();
  const gatherer = new FrameGatherer(wire);
  const [header, body] = ["h".repeat(20), "b".repeat(20_000)];
  gatherer.write(Buffer.from(header));
  gatherer.write(Buffer.from(body));
  await turn();
  expect(wire.writes).toEqual([[header, body]]);
});

test("a channel that ends takes no frame with it, its own or another's", async () => {
  const wire = new Wire();
  const gatherer = new FrameGatherer(wire);
  gatherer.write(Buffer.from("close-ok "));
  gatherer.end();
  gatherer.write(Buffer.from("ack"));
  await turn();
  expect(wire.writes).toEqual([["close-ok ack"]]);
});

test("nothing is written to a connection that ended meanwhile", async () => {
  const wire = new Wire();
  const errors: Error[] = [];
  wire.on("error", (error) => errors.push(error));
  const gatherer = new FrameGatherer(wire);
  gatherer.write(Buffer.from("ack"));
  wire.end();
  await turn();
  expect(wire.writes).toEqual([]);
  expect(errors).toEqual([]);
});
