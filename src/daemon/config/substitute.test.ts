// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references of oslo.config, not of JavaScript
import { GivenOptions } from "./given.js";
import { parseIni } from "./ini.js";
import { substitute } from "./substitute.js";

const given = new GivenOptions();
given.assign(
  parseIni("[DEFAULT]\nmy_ip = 10.0.0.1\nroot = /srv\nloop = $loop\n[qemu]\nroot = /qemu\ndeep = $root/$my_ip\n", "f")
    .assignments,
);
given.override({ OS_DEFAULT__ENV: "from-env" }, ["DEFAULT"]);

test.each([
  ["no reference", "no reference"],
  ["$my_ip", "10.0.0.1"],
  ["${my_ip}:5672", "10.0.0.1:5672"],
  ["$root/x", "/qemu/x"],
  ["${DEFAULT.root}/x", "/srv/x"],
  ["${qemu.deep}", "/qemu/10.0.0.1"],
  ["$env", "from-env"],
  ["pa$$word", "pa$word"],
  ["pa\\$word", "pa$word"],
  ["100$", "100$"],
  ["$1", "$1"],
])("%j is %j", (text, value) => {
  expect(substitute(text, "qemu", given)).toEqual({ text: value });
});

test.each([
  ["$none", "refers to a name that is not given; a dollar sign itself is written $$"],
  ["${nova.none}", "refers to a name that is not given; a dollar sign itself is written $$"],
  ["$loop", "refers to itself"],
])("%j leads nowhere", (text, rule) => {
  expect(substitute(text, "qemu", given)).toEqual({ rule });
});
