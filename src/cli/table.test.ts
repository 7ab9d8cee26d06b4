import { PLAIN, screenOf, styleOfState } from "./screen.js";
import { table } from "./table.js";

const rows = [
  [{ text: "a" }, { text: "IN_USE", style: "good" as const }, { text: "vm-1" }],
  [{ text: "bcd" }, { text: "X", style: "bad" as const }, { text: "" }],
];
const heading = ["ID", "STATE", "INSTANCES"];

test("in a pipe a line is a row, and nothing ends in blanks", () => {
  expect(table(heading, rows, PLAIN)).toEqual(["a    IN_USE  vm-1", "bcd  X"]);
});

test("a terminal gets a heading and colours that move no column; none of both for nothing", () => {
  const screen = screenOf({ isTTY: true }, {});
  expect(table(heading, rows, screen)).toEqual([
    "\u001b[1mID\u001b[0m   \u001b[1mSTATE\u001b[0m   \u001b[1mINSTANCES\u001b[0m",
    "a    \u001b[32mIN_USE\u001b[0m  vm-1",
    "bcd  \u001b[31mX\u001b[0m",
  ]);
  expect(table(heading, [], screen)).toEqual([]);
});

test.each([
  [{ isTTY: true }, { NO_COLOR: "1" }, "x"],
  [{ isTTY: true }, { NO_COLOR: "" }, "\u001b[31mx\u001b[0m"],
  [{ isTTY: true }, { TERM: "dumb" }, "x"],
  [{}, {}, "x"],
])("colours on %j with %j: %j", (stream, env, painted) => {
  expect(screenOf(stream, env).paint("bad", "x")).toBe(painted);
});

test("a state has the colour of what it means", () => {
  expect(["AVAILABLE", "RUNNING", "ATTACHING", "FAILED"].map(styleOfState)).toEqual(["good", "good", "busy", "bad"]);
});
