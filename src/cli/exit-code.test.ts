import { readFile } from "node:fs/promises";
import { EXIT_CODES, exitCodeHelp } from "./exit-code.js";
import { CommandFailure, exitCodeFor } from "./failure.js";

test("the page and the help tell every exit code in the same words", async () => {
  const page = await readFile("docs/cli.md", "utf8");
  const help = exitCodeHelp();
  for (const { code, means } of Object.values(EXIT_CODES)) {
    expect(page).toContain(`| ${code} | ${means} |`);
    expect(help).toMatch(new RegExp(`^ {2}${code} +${means}$`, "m"));
  }
});

test("a failure has its own code, a file that is not there is one, anything else a fault", () => {
  expect(exitCodeFor(new CommandFailure("busy", 75))).toBe(75);
  expect(exitCodeFor(new CommandFailure("refused"))).toBe(1);
  expect(exitCodeFor(Object.assign(new Error("no such file"), { code: "ENOENT" }))).toBe(1);
  expect(exitCodeFor(new TypeError("x is undefined"))).toBe(70);
});
