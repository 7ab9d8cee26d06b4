import { Docker } from "../rigs/docker.js";
import { imageOf } from "../rigs/nova-machines.js";
import { attachCases } from "./attach-cases.js";
import { liveCases, refusedLiveCase, stockRefusedLiveCase } from "./live-cases.js";
import { moveCases } from "./move-cases.js";
import { onCloud } from "./one-host.js";
import { pluginsOwnTests } from "./plugins-own-tests.js";
import { refusedContentCases } from "./refused-content-cases.js";
import { rebuildCases, spawnCases } from "./spawn-cases.js";
import { onClouds } from "./two-hosts.js";

// The newest nova of PyPI, whose nova-compute has the system's threads. Which it is stands in what the suite prints.
const release = "newest";

test("what these cases run on is newer than what Debian has", async () => {
  await using docker = await Docker.start();
  const image = await imageOf(docker, release);
  const version = (await docker.command("run", "--rm", image, "nova-compute", "--version")).trim();
  process.stderr.write(`nova ${version} of PyPI\n`);
  expect(Number.parseInt(version, 10)).toBeGreaterThan(31);
}, 1_200_000);

onCloud("unmodified nova of PyPI with our driver", { release }, (setting) => {
  spawnCases(setting);
  rebuildCases(setting);
  refusedContentCases(setting);
  attachCases(setting, true);
  pluginsOwnTests(setting);
});

onClouds("two hosts with unmodified nova of PyPI and our driver", { release, service: true }, (setting) => {
  moveCases(setting, false);
  liveCases(setting, false);
  refusedLiveCase(setting, "ERROR");
});

onClouds("two hosts with unmodified nova of PyPI and its own driver", { release }, stockRefusedLiveCase);
