import { deviceWithLabel, fileDigests } from "../rigs/guest-view.js";
import { NovaCloud } from "../rigs/nova-cloud.js";

let cloud: NovaCloud;

beforeAll(async () => {
  cloud = await NovaCloud.start({ release: "bookworm", computes: 1 });
}, 900_000);

afterAll(async () => {
  await cloud?.[Symbol.asyncDispose]();
}, 120_000);

test("a guest of stock nova reads the config drive that nova made", async () => {
  const id = await cloud.boot({ name: "stock", metadata: { rig: "yes" } });
  using guest = await cloud.guest(id);
  const files = await fileDigests(guest, await deviceWithLabel(guest, "config-2"));
  expect([...files.keys()]).toContain("openstack/latest/meta_data.json");
  await cloud.api.delete(id);
}, 300_000);
