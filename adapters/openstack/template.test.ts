import { parseTemplate, serverBody } from "./template.js";

const instance = { id: "0f6b3c1e-7a52-4c0d-9a41-5c2be2f7f6ff", name: "web-1", launchIndex: 1 };
const imageRef = "3a7f2a30-4f0b-4b8f-8f0a-6a3d1d5f2a11";
const whole = { flavorRef: "m1.small", imageRef, networks: "auto" };
const parse = (template: object | string) =>
  parseTemplate({ ...instance, template: typeof template === "string" ? template : JSON.stringify(template) });

test("a server has the image as its root disk, then its own devices, then the drives, from which nothing boots", () => {
  const own = { boot_index: 1, source_type: "blank", destination_type: "volume", volume_size: 2 };
  const template = parse({ ...whole, block_device_mapping_v2: [own] });
  expect(serverBody(template, instance, "the-tag", [{ id: "v1", isDeletedWithIt: true }])).toEqual({
    server: {
      ...{ ...whole, name: "web-1", tags: ["the-tag"], config_drive: false },
      block_device_mapping_v2: [
        {
          ...{ boot_index: 0, uuid: imageRef, source_type: "image", destination_type: "local" },
          delete_on_termination: true,
        },
        own,
        {
          ...{ boot_index: -1, uuid: "v1", source_type: "volume", destination_type: "volume" },
          delete_on_termination: true,
        },
      ],
    },
  });
});

test("a server that boots from a volume has no image beside it, and its own word on a config drive stands", () => {
  const root = { boot_index: 0, source_type: "volume", destination_type: "volume", uuid: imageRef };
  const template = parse({ flavorRef: "1", networks: "none", config_drive: true, block_device_mapping_v2: [root] });
  expect(serverBody(template, instance, "t", [])).toMatchObject({
    server: { config_drive: true, block_device_mapping_v2: [root] },
  });
});

test("what differs from instance to instance is filled in wherever a text stands, and each text may be a secret", () => {
  const { server, values } = parse({
    ...whole,
    metadata: { index: "{launch_index}" },
    networks: [{ uuid: "net-{name}" }],
    security_groups: [{ name: "{instance_id}" }],
  });
  expect(server).toMatchObject({
    metadata: { index: "1" },
    networks: [{ uuid: "net-web-1" }],
    security_groups: [{ name: instance.id }],
  });
  expect(values).toEqual(expect.arrayContaining(["m1.small", imageRef, "net-web-1", instance.id]));
});

test.each([
  ["<domain/>", "template", /must be JSON/],
  ["[]", "template", /object/],
  [{ imageRef, networks: "auto" }, "template.flavorRef", /id of a flavor/],
  [{ ...whole, imageRef: "cirros" }, "template.imageRef", /id of an image/],
  [{ flavorRef: "1", imageRef }, "template.networks", /must be given/],
  [{ flavorRef: "1", networks: "none" }, "template.imageRef", /or a block_device_mapping_v2 with boot_index 0/],
  [{ ...whole, block_device_mapping_v2: [1] }, "template.block_device_mapping_v2.0", /object/],
  [{ ...whole, name: "mine" }, "template.name", /instance's name/],
  [{ ...whole, tags: [] }, "template.tags", /by its tag/],
  [{ ...whole, max_count: 2 }, "template.max_count", /one server/],
])("%j is refused at %s", (template, field, rule) => {
  expect(() => parse(template)).toThrow(
    expect.objectContaining({
      reason: "INVALID_ARGUMENT",
      violations: [{ field, rule: expect.stringMatching(rule) }],
    }),
  );
});
