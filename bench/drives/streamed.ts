import { createHash, randomBytes, randomUUID } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import type { Aim } from "#bench/report.js";
import { driveOf } from "#integration/rigs/drive-answer.js";
import { GrpcDoor } from "#integration/rigs/grpc-door.js";
import { Service } from "#integration/rigs/service.js";
import { Swift } from "#integration/rigs/swift.js";

const MEBIBYTE = 1 << 20;

/** How much more memory the service takes than idle while a blob of so many MiB streams from an object store into a volume. */
export async function streamed(mebibytes: number): Promise<Aim> {
  await using swift = await Swift.start();
  const bytes = Buffer.alloc(mebibytes * MEBIBYTE);
  for (let at = 0; at < bytes.length; at += MEBIBYTE) randomBytes(MEBIBYTE).copy(bytes, at);
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  await swift.put("volumes", "small", bytes.subarray(0, 65_536));
  await swift.put("volumes", "large", bytes);
  const config = [
    ...["[sources]", "allowed_networks = 127.0.0.0/8"],
    ...["[s3]", `endpoint_url = ${swift.url}`, `region = ${swift.region}`],
    ...[`access_key = ${swift.user}`, `secret_key = ${swift.key}`],
    ...["[limits]", `content_bytes = ${2048 * MEBIBYTE}`, `volume_bytes = ${2048 * MEBIBYTE}`],
  ];
  await using service = await Service.start({ config });
  await using door = new GrpcDoor(service.address);
  const populate = async (source: object) =>
    driveOf(await door.call("populate_volume", { request_id: randomUUID(), blob: { source } }));
  // Idle is a service that has done this before, and so has all of its code, but never with much.
  for (let time = 0; time < 20; time += 1) await populate({ url: "s3://volumes/small" });
  const idle = memory(service.pid, "VmRSS");
  // VmHWM begins anew (proc(5), clear_refs).
  writeFileSync(`/proc/${service.pid}/clear_refs`, "5");
  const start = performance.now();
  const { generations } = await populate({ url: "s3://volumes/large", sha256 });
  const seconds = (performance.now() - start) / 1000;
  if (generations[0]?.sha256 !== sha256) throw new Error("the volume is not what the store holds");
  const above = memory(service.pid, "VmHWM") - idle;
  console.log(`\n## ${mebibytes} MiB from an object store to a volume, synced\n`);
  console.log(`${seconds.toFixed(1)} s, ${(mebibytes / seconds).toFixed(0)} MiB/s; ${idle.toFixed(0)} MiB idle`);
  return { text: `memory above idle while ${mebibytes} MiB stream`, measured: above, limit: 64, unit: "MiB" };
}

/** Resident memory of a process in MiB: now (VmRSS), or at most (VmHWM). */
function memory(pid: number, field: "VmRSS" | "VmHWM"): number {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  return Number(new RegExp(`^${field}:\\s+(\\d+) kB$`, "m").exec(status)?.[1]) / 1024;
}
