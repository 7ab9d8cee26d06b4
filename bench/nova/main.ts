import { loadavg } from "node:os";
import { type Aim, report } from "#bench/report.js";
import type { Sample } from "#bench/sample.js";
import type { DebianRelease } from "#integration/rigs/docker.js";
import { NovaCloud } from "#integration/rigs/nova-cloud.js";
import { boots, FIGURES, MEASURED, WAYS } from "./boots.js";
import { crowds } from "./crowds.js";

/** `ROUNDS=0.1` for a tenth of them, `RELEASE=trixie` for nova 31.0 alone. */
const share = Number(process.env.ROUNDS ?? 1);
const BOOTS = Math.max(3, Math.round(30 * share));
const CROWDS = Math.max(1, Math.round(3 * share));
/** nova claims room for one server at a time: what more of them would show is that. */
const CROWD = Math.max(4, Math.round(20 * share));
const named = process.env.RELEASE;
const releases = (["bookworm", "trixie"] as const).filter((name) => named === undefined || named === name);
const NOVA = { bookworm: "nova 26.2", trixie: "nova 31.0" };
const OPT_IN = { OS_CONFIGDRIVE_BRIDGE__OPT_IN: "true" };
const aims: Aim[] = [];

async function measure(release: DebianRelease): Promise<void> {
  const options = { release, computes: 1, service: true };
  {
    await using cloud = await NovaCloud.start({ ...options, environment: { ...OPT_IN, ...MEASURED } });
    const taken = await boots(cloud, BOOTS);
    console.log(
      `\n## ${NOVA[release]}: ${BOOTS} boots each, in turn, and what a round of two differs by; median (p10 to p90) in ms\n`,
    );
    console.log("| | API to guest has read | nova's spawn | its drive |\n|---|---:|---:|---:|");
    for (const row of [...WAYS, "added"] as const) {
      console.log(`| ${row} | ${FIGURES.map((figure) => cell(taken[row][figure])).join(" | ")} |`);
    }
    const aim = (text: string, { median: measured }: Sample) =>
      aims.push({ text: `${NOVA[release]}: ${text}`, measured, limit: 50, unit: "ms" });
    aim("added from API to guest", taken.added.read);
    aim("added to the drive", taken.added.drive);
  }
  {
    const environment = { ...OPT_IN, OS_DEFAULT__COMPUTE_DRIVER: "configdrive_bridge.FakeDriver" };
    await using cloud = await NovaCloud.start({ ...options, environment });
    const rates = await crowds(cloud, CROWDS, CROWD);
    console.log(
      `\n## ${NOVA[release]}, fake driver: ${CROWD} servers in one request; median (p10 to p90) drives a second\n`,
    );
    console.log("| | drives/s |\n|---|---:|");
    for (const way of WAYS) console.log(`| ${way} | ${cell(rates[way], 2)} |`);
  }
  console.log(`\nload ${loadavg()[0]?.toFixed(1)}`);
}

function cell(sample: Sample, digits = 0): string {
  const [median, p10, p90] = [0.5, 0.1, 0.9].map((part) => sample.quantile(part).toFixed(digits));
  return `${median} (${p10} to ${p90})`;
}

for (const release of releases) await measure(release);
const met = report([], aims, "bench/results/nova.json");
process.exitCode = met || process.env.STRICT === undefined ? 0 : 1;
