import { holdToThePort } from "../adapters/conformance.js";
import { OpenstackCloud } from "../rigs/openstack-cloud.js";
import { openstackBackend } from "./openstack-backend.js";
import { openstackCases } from "./openstack-cases.js";

let cloud: OpenstackCloud;

// The image of nova's machines may have to be made first.
beforeAll(async () => {
  cloud = await OpenstackCloud.start();
}, 1_200_000);

afterAll(async () => {
  await cloud?.[Symbol.asyncDispose]();
}, 120_000);

holdToThePort(
  openstackBackend(() => cloud),
  { short: 1 },
);
describe("what users and services of a cloud do beside us", () => openstackCases(() => cloud));
