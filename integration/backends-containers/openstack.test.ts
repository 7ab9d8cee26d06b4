import { holdToThePort } from "../adapters/conformance.js";
import { OpenstackCloud } from "../rigs/openstack-cloud.js";
import { openstackBackend } from "./openstack-backend.js";
import { faultCases } from "./openstack-fault-cases.js";
import { neighbourCases } from "./openstack-neighbour-cases.js";
import { refusalCases } from "./openstack-refusal-cases.js";
import { runCases } from "./openstack-run-cases.js";
import { Scene } from "./openstack-scene.js";

let cloud: OpenstackCloud;

// The image of nova's machines may have to be made first.
beforeAll(async () => {
  cloud = await OpenstackCloud.start();
}, 1_200_000);

afterAll(async () => {
  await cloud?.[Symbol.asyncDispose]();
}, 120_000);

// No case leaves a volume or an image behind.
afterEach(async () => {
  expect(await cloud.kept()).toEqual([]);
});

holdToThePort(
  openstackBackend(() => cloud),
  { short: 1 },
);
describe("beside the port", () => {
  let scene: Scene;
  beforeAll(async () => {
    scene = await Scene.open(cloud);
  }, 300_000);
  afterAll(async () => {
    await scene?.[Symbol.asyncDispose]();
  });
  beforeEach(() => scene.nextCase());

  describe("what users and services of a cloud do beside us", () => neighbourCases(() => scene));
  describe("what OpenStack does not do", () => refusalCases(() => scene));
  describe("what fails", () => faultCases(() => scene));
  describe("servers that it makes", () => runCases(() => scene));
});
