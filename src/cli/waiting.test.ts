import { jest } from "@jest/globals";
import { Waiting } from "./waiting.js";

beforeEach(() => void jest.useFakeTimers({ doNotFake: ["performance"] }));
afterEach(() => void jest.useRealTimers());

function outputOn(isTTY: boolean) {
  const written: string[] = [];
  return { written, output: { isTTY, write: (text: string | Uint8Array) => written.push(String(text)) > 0 } };
}

test("a long call is told on a terminal, and nothing of it stays; a short one is not", () => {
  const { written, output } = outputOn(true);
  {
    using _waiting = new Waiting("AttachDrive", output);
    jest.advanceTimersByTime(900);
    expect(written).toEqual([]);
    jest.advanceTimersByTime(200);
    expect(written).toEqual(["\rwaiting for AttachDrive, 0 s"]);
  }
  expect(written.at(-1)).toMatch(/^\r +\r$/);
});

test("nothing is told in a pipe", () => {
  const { written, output } = outputOn(false);
  using _waiting = new Waiting("AttachDrive", output);
  jest.advanceTimersByTime(5000);
  expect(written).toEqual([]);
});
