import { Descriptions } from "./descriptions.js";

const domain = (target: string) =>
  `<domain><devices><disk device="disk"><target dev="${target}" bus="virtio"/></disk></devices></domain>`;

test("a text is read once while it stays the same, and any other one anew", () => {
  const descriptions = new Descriptions();
  const first = descriptions.of(domain("vda"));
  expect(descriptions.of(domain("vda"))).toBe(first);
  expect(descriptions.of(domain("vdb")).disks).toMatchObject([{ target: "vdb" }]);
});

test("texts that nobody asked for lately are forgotten", () => {
  const descriptions = new Descriptions();
  const [old, used] = [descriptions.of(domain("vda")), descriptions.of(domain("vdb"))];
  for (let number = 0; number < 31; number += 1) {
    descriptions.of(domain(`sd${number}`));
    descriptions.of(domain("vdb"));
  }
  expect(descriptions.of(domain("vdb"))).toBe(used);
  expect(descriptions.of(domain("vda"))).not.toBe(old);
});
