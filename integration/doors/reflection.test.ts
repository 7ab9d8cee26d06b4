import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { Service } from "../rigs/service.js";

const run = promisify(execFile);

let service: Service;

beforeAll(async () => {
  service = await Service.start({});
}, 60_000);
afterAll(() => service?.[Symbol.asyncDispose]());

/** buf's gRPC client, which is told nothing of the contract: it asks by reflection. */
async function bufCurl(...args: string[]): Promise<string> {
  const socket = ["--unix-socket", service.address.slice("unix:".length)];
  const plain = ["curl", "--protocol", "grpc", "--http2-prior-knowledge"];
  const { stdout } = await run("node_modules/.bin/buf", [...plain, ...socket, ...args]);
  return stdout;
}

test.each(["grpc-v1", "grpc-v1alpha"])(
  "a client with nothing but reflection (%s) lists and calls",
  async (protocol) => {
    const reflect = ["--reflect-protocol", protocol];
    const services = await bufCurl(...reflect, "--list-services", "http://configdrive");
    expect(services.trim().split("\n")).toEqual([
      "configdrive.v1.DriveService",
      "configdrive.v1.InstanceService",
      "grpc.health.v1.Health",
    ]);
    const list = "http://configdrive/configdrive.v1.DriveService/ListDrives";
    expect(JSON.parse(await bufCurl(...reflect, "-d", "{}", list))).toEqual({});
    const check = "http://configdrive/grpc.health.v1.Health/Check";
    expect(JSON.parse(await bufCurl(...reflect, "-d", "{}", check))).toEqual({ status: "SERVING" });
  },
);

test("it reads the details of an error", async () => {
  const get = "http://configdrive/configdrive.v1.DriveService/GetDrive";
  const failed: unknown = await bufCurl("-d", '{"drive_id": "7"}', get).catch((error: unknown) => error);
  const stderr = String(Reflect.get(Object(failed), "stderr"));
  expect(JSON.parse(stderr)).toMatchObject({
    code: "invalid_argument",
    message: 'drive_id: must be a UUID in lower case (got "7")',
    details: [{ type: "google.rpc.ErrorInfo" }, { type: "google.rpc.BadRequest" }],
  });
});
