import { askedDigests, novaTree } from "./nova-tree.js";

const files = novaTree({
  instanceId: "4f6b6f0e-6a1d-4c3c-8f57-2f0f6f1b8a10",
  hostname: "web-1",
  userData: "#cloud-config\n",
});

test("nova's tree has 47 files, and the user data stands in twelve of them", () => {
  expect(files).toHaveLength(47);
  const digests = askedDigests(files);
  const userData = digests.get("openstack/latest/user_data");
  expect([...digests.values()].filter((digest) => digest === userData)).toHaveLength(12);
});
