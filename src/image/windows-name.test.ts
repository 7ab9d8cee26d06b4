import { windowsNameRule } from "./windows-name.js";

it.each([
  "CON",
  "con",
  "Nul.txt",
  "nul.tar.gz",
  "aux",
  "PRN.x",
  "com1",
  "COM9.log",
  "LPT\u00b9",
  "lpt0",
  "conin$",
  "CONOUT$.a",
  "nul .txt",
])("%s is a device", (name) => {
  expect(windowsNameRule(name)).toMatch(/Windows device/);
});

it.each(["a.", "a ", "..."])("%p is cut", (name) => {
  expect(windowsNameRule(name)).toMatch(/drops them/);
});

it.each(["console", "a.con", "com", "com10", "lpt", "nul_", "xcon", ".nul", "user_data", "aux-1.txt", "\u00e9"])(
  "%s is a file like any other",
  (name) => {
    expect(windowsNameRule(name)).toBeUndefined();
  },
);
