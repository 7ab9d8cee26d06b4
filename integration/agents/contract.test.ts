import { attachmentCases } from "#integration/conformance/attachment-cases.js";
import { driveCases } from "#integration/conformance/drive-cases.js";
import { GrpcDoor } from "#integration/rigs/grpc-door.js";
import { Cloud, hostsAreAll, hostsBecome } from "./cloud.js";

const INSTANCES = ["vm-1", "vm-2"];

let cloud: Cloud;
let door: GrpcDoor;
beforeAll(async () => {
  cloud = await Cloud.open();
  const [a, b] = [await cloud.agent(0), await cloud.agent(1)];
  await a.run("vm-1");
  await b.run("vm-2");
  const service = await cloud.service("controller");
  door = new GrpcDoor(service.address);
  await hostsBecome(door, { a: "PRESENT", b: "PRESENT" });
  await hostsAreAll(door);
}, 120_000);
afterAll(async () => {
  await door?.[Symbol.asyncDispose]();
  await cloud?.[Symbol.asyncDispose]();
}, 60_000);

// The contract does not tell where an instance is: each case holds on two hosts as it does on one.
const parties = () => ({ door, others: [door], instances: INSTANCES });
if (process.env.FORM === "full") driveCases(parties);
attachmentCases(parties);
