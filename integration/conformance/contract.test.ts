import { type DatabaseKind, databaseKinds } from "../rigs/databases.js";
import { RabbitMq } from "../rigs/rabbitmq.js";
import { attachmentCases } from "./attachment-cases.js";
import { driveCases } from "./drive-cases.js";
import { joinSetting, type Setting, startSetting } from "./setting.js";

const { TARGET: target = "", INSTANCES: given = "" } = process.env;
const full = process.env.FORM === "full";
const names = given.split(",").filter((name) => name !== "");

/** The contract at each door; the service is started before the first case and stopped after the last. */
function contract(doors: readonly string[], instances: number, start: () => Promise<Setting>): void {
  let setting: Setting | undefined;
  beforeAll(async () => {
    setting = await start();
  }, 180_000);
  afterAll(() => setting?.[Symbol.asyncDispose](), 60_000);
  describe.each(doors)("over %s", (name) => {
    const parties = () => {
      const door = setting?.doors.find((one) => one.name === name);
      if (setting === undefined || door === undefined) throw new Error(`there is no way in over ${name}`);
      return { door, others: setting.doors, instances: setting.instances };
    };
    driveCases(parties);
    if (instances >= 2) attachmentCases(parties);
  });
}

if (target === "") {
  let broker: RabbitMq | undefined;
  const onBroker = async (kind: DatabaseKind) => {
    broker ??= await RabbitMq.start();
    return await startSetting(kind, broker);
  };
  afterAll(() => broker?.[Symbol.asyncDispose](), 60_000);
  // What a door does is the same on every database: of the bus the short form leaves the proof to `target.test.ts`.
  const doors = full ? ["gRPC", "bus"] : ["gRPC"];
  describe.each(databaseKinds)("on %s", (kind) => contract(doors, 2, () => onBroker(kind)));
} else {
  const door = target.includes("://") ? "bus" : "gRPC";
  describe("on the target", () => contract([door], names.length, () => joinSetting(target, names)));
}
