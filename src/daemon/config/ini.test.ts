import { parseIni } from "./ini.js";

const values = (text: string) =>
  parseIni(text, "f").assignments.map(({ group, name, value }) => `${group}.${name}=${value}`);

test("groups, both signs of assignment, comments and blank lines", () => {
  const text = "# c\n; c\n\n[a]\nx = 1\ny: 2 # not a comment\n[ b ]\nurl = http://h:1/?a=b\nempty =\n";
  expect(values(text)).toEqual(["a.x=1", "a.y=2 # not a comment", "b.url=http://h:1/?a=b", "b.empty="]);
});

test("a value goes on in lines that start with white space, until a blank line or a comment", () => {
  expect(values("[a]\nx = 1\n  2\n\t3\ny = 4\n")).toEqual(["a.x=1\n2\n3", "a.y=4"]);
  expect(parseIni("[a]\nx = 1\n\n  2\n", "f").problems).toEqual([
    "f:4: a line that goes on with a value, but there is none before it",
  ]);
});

test("one pair of quotes is taken off", () => {
  expect(values(`[a]\nx = " 1 "\ny = '2'\nz = "3'\nw = "\n`)).toEqual(["a.x= 1 ", "a.y=2", `a.z="3'`, 'a.w="']);
});

test("a name may stand again; both stay, in order", () => {
  expect(values("[a]\nx=1\n[b]\nx=2\n[a]\nx=3\n")).toEqual(["a.x=1", "b.x=2", "a.x=3"]);
});

test("Windows line ends and a byte order mark do no harm", () => {
  expect(values("\uFEFF[a]\r\nx = 1\r\n")).toEqual(["a.x=1"]);
});

test("every line that means nothing is told with its number, never with its text", () => {
  const { problems } = parseIni("x = secret\n[a\n[b] c\nsecret\n= secret\n", "/etc/x.conf");
  expect(problems).toEqual([
    "/etc/x.conf:1: x stands before any [group]",
    "/etc/x.conf:2: a group is written [name], alone on its line",
    "/etc/x.conf:3: a group is written [name], alone on its line",
    "/etc/x.conf:4: neither a group, an assignment (name = value) nor a comment",
    "/etc/x.conf:5: an assignment without a name",
  ]);
});

test("an assignment knows its line", () => {
  expect(parseIni("[a]\n\nx = 1\n 2\n", "f").assignments[0]?.origin).toBe("f:3");
});
