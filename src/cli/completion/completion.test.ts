import { Argument, Command, Option } from "commander";
import { bashCompletion } from "./bash.js";
import { fishCompletion } from "./fish.js";
import { commandTree } from "./tree.js";
import { zshCompletion } from "./zsh.js";

function sample(): Command {
  const program = new Command("tool");
  const drive = program.command("drive").description("it's a group: of two");
  drive
    .command("make")
    .addOption(new Option("-f, --format <format>").choices(["raw", "vfat"]))
    .option("--tree <directory>", "files")
    .option("--hold", "no value");
  drive.command("read").argument("<file>");
  program.command("completion").addArgument(new Argument("<shell>").choices(["bash", "zsh"]));
  return program;
}

test("the tree has every command with what may come after it", () => {
  const tree = commandTree(sample());
  expect(tree.map(({ path }) => path)).toEqual(["", " drive", " drive make", " drive read", " completion"]);
  expect(tree[0]?.commands.map(({ name }) => name)).toEqual(["drive", "completion"]);
  expect(tree[2]?.options).toMatchObject([
    { flags: ["-f", "--format"], value: { kind: "words", words: ["raw", "vfat"] } },
    { flags: ["--tree"], value: { kind: "folder" } },
    { flags: ["--hold"] },
    { flags: ["-h", "--help"] },
  ]);
  expect(tree[2]?.options[2]?.value).toBeUndefined();
  expect(tree.slice(3).map(({ argument }) => argument)).toEqual([
    { kind: "path" },
    { kind: "words", words: ["bash", "zsh"] },
  ]);
});

test("a drive is completed where it stands first, by asking for those that there are", () => {
  const program = new Command("tool");
  program.command("attach").argument("<drive>").argument("<instance>");
  program.command("watch").option("--drive <drive>", "only this one");
  program.command("drive-ids", { hidden: true });
  const tree = commandTree(program);
  expect(tree.map(({ path }) => path)).toEqual(["", " attach", " watch"]);
  expect(tree.map(({ argument }) => argument.kind)).toEqual(["any", "drive", "any"]);
  expect(tree[2]?.options[0]?.value).toEqual({ kind: "drive" });
  for (const completion of [bashCompletion, zshCompletion, fishCompletion]) {
    expect(completion("tool", tree).split("tool drive-ids 2>/dev/null")).toHaveLength(3);
  }
});

test("quotes and colons in descriptions end nothing early", () => {
  const tree = commandTree(sample());
  expect(zshCompletion("tool", tree)).toContain("'drive:it'\\''s a group: of two'");
  expect(fishCompletion("tool", tree)).toContain("'it\\'s a group: of two'");
  expect(bashCompletion("tool", tree)).toContain("complete -F _tool tool");
});
