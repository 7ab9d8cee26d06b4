import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { freePort, freePorts, reserve } from "./ports.js";

test("a port is given to one rig of the machine, whichever process it is in, before its server listens", async () => {
  const port = await freePort();
  expect(await reserve(port)).toBe(false);
  const other = `require("node:net").createServer().on("error", ({ code }) => console.log(code))
    .listen({ path: "\\0configdrive-rig-port-${port}" }, () => process.exit())`;
  const { stdout } = await promisify(execFile)(process.execPath, ["-e", other]);
  expect(stdout.trim()).toBe("EADDRINUSE");
});

test("several ports are all different", async () => {
  expect(new Set(await freePorts(20)).size).toBe(20);
});
