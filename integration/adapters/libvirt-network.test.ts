import { readdir, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { LibvirtHypervisor } from "#adapters/libvirt/adapter.js";
import { Connection } from "#adapters/libvirt/connection.js";
import type { Endpoint } from "#adapters/libvirt/dial.js";
import { XdrWriter } from "#adapters/libvirt/xdr.js";
import type { Device } from "#drive/drive.js";
import type { PlacedImage } from "#drive/hypervisor.js";
import { LibvirtDaemon } from "#integration/rigs/libvirt-daemon.js";
import { privateDirectory } from "#integration/rigs/private-directory.js";
import { sampleIso } from "./sample-image.js";

const drive = "0f6b3c1e-7a52-4c0d-9a41-5c2be2f7f6ff";
const limits = { answerMs: 20_000, unplugMs: 20_000 };
const wait = (ms = 60_000) => ({ signal: AbortSignal.timeout(ms) });
const unreachable = (text: RegExp) => ({
  reason: "HYPERVISOR_UNREACHABLE",
  message: expect.stringMatching(text),
});

let daemon: LibvirtDaemon;
let images: string;
let instance: string;

beforeAll(async () => {
  images = await privateDirectory("images");
  daemon = await LibvirtDaemon.start({ network: true });
  await daemon.makePool("drives", daemon.pool);
  instance = await daemon.domain({ machine: "pc", persistent: true });
}, 60_000);
afterAll(async () => {
  await daemon?.[Symbol.asyncDispose]();
  await rm(images, { recursive: true, force: true });
});

const open = (endpoint: Endpoint, pool?: string) =>
  new LibvirtHypervisor({ ...endpoint, ...limits, ...(pool === undefined ? {} : { pool }) });

async function put(hypervisor: LibvirtHypervisor, image: PlacedImage): Promise<Device> {
  const device = await hypervisor.choose(instance, image, {}, wait());
  await hypervisor.attach(instance, image, device, wait());
  return device;
}

/** The files in the pool's folder, which is what the daemon's host has. */
const files = async () => (await readdir(daemon.pool)).sort();

describe.each(["tcp", "tls"] as const)("over %s, with a pool", (transport) => {
  test("an image is uploaded, changed and removed with its disk, also when the domain is gone meanwhile", async () => {
    const hypervisor = open(daemon.network[transport], "drives");
    const [first, second] = [await sampleIso(images, drive, 1), await sampleIso(images, drive, 2)];
    const device = await put(hypervisor, first);
    await hypervisor.attach(instance, first, device, wait());
    expect(await files()).toEqual([`configdrive-${drive}-1.img`]);
    expect(await daemon.xml(instance, "live")).toContain(join(daemon.pool, `configdrive-${drive}-1.img`));

    await hypervisor.refresh(instance, second, device, false, wait());
    expect(await files()).toEqual([`configdrive-${drive}-2.img`]);
    await hypervisor.detach(instance, drive, device, false, wait());
    expect(await files()).toEqual([]);

    const transient = await daemon.domain({ machine: "pc" });
    await hypervisor.attach(transient, first, device, wait());
    await daemon.destroyDomain(transient);
    expect(await hypervisor.observe(transient, wait())).toBeUndefined();
    expect(await files()).toHaveLength(1);
    await hypervisor.detach(transient, drive, device, false, wait());
    expect(await files()).toEqual([]);
  });
});

test("half of an earlier upload is no image: it is written anew, and what others have in the pool stays", async () => {
  const hypervisor = open(daemon.network.tls, "drives");
  const image = await sampleIso(images, drive, 1);
  await daemon.makeVolume("drives", `configdrive-${drive}-1.img`, 512);
  await daemon.makeVolume("drives", "another.img", 512);
  const device = await put(hypervisor, image);
  const path = join(daemon.pool, `configdrive-${drive}-1.img`);
  expect(await daemon.xml(instance, "live")).toContain(path);
  expect((await stat(path)).size).toBe(image.sizeBytes);
  await hypervisor.detach(instance, drive, device, false, wait());
  expect(await files()).toEqual(["another.img"]);
  await rm(join(daemon.pool, "another.img"));
});

test("an upload that fails leaves no volume: the image is gone, shorter than told, or the time is up", async () => {
  const hypervisor = open(daemon.network.tls, "drives");
  const image = await sampleIso(images, drive, 1);
  const device = await hypervisor.choose(instance, image, {}, wait());
  const attach = (change: Partial<PlacedImage>, ms?: number) =>
    hypervisor.attach(instance, { ...image, ...change }, device, wait(ms));
  const failed = "HYPERVISOR_FAILED";
  await expect(attach({ path: join(images, "none") })).rejects.toMatchObject({ reason: failed, message: /ENOENT/ });
  await expect(attach({ sizeBytes: image.sizeBytes + 2048 })).rejects.toMatchObject({
    reason: failed,
    message: expect.stringContaining(`has ${image.sizeBytes} bytes, not ${image.sizeBytes + 2048}`),
  });
  const large = join(images, "large");
  await writeFile(large, Buffer.alloc(256 << 20));
  await expect(attach({ path: large, sizeBytes: 256 << 20 }, 150)).rejects.toMatchObject({
    reason: "DEADLINE_EXCEEDED",
  });
  expect(await files()).toEqual([]);
  expect(await hypervisor.observe(instance, wait())).toEqual([]);
}, 60_000);

test("nothing is uploaded for a disk that has no slot", async () => {
  const hypervisor = open(daemon.network.tls, "drives");
  const image = await sampleIso(images, drive, 1);
  const bare = await daemon.domain({ machine: "pc", devices: '<controller type="usb" model="none"/>' });
  const device = { kind: "disk", bus: "usb", name: "x", reason: "" } as const;
  await expect(hypervisor.attach(bare, image, device, wait())).rejects.toMatchObject({ reason: "BUS_NOT_AVAILABLE" });
  expect(await files()).toEqual([]);
});

test("a pool that is not there is named", async () => {
  const image = await sampleIso(images, drive, 1);
  await expect(put(open(daemon.network.tcp, "nowhere"), image)).rejects.toMatchObject({
    reason: "HYPERVISOR_FAILED",
    message: expect.stringContaining("no storage pool nowhere"),
  });
});

test("many calls at once on one TLS connection are all answered", async () => {
  await using connection = await Connection.connect(daemon.network.tls, wait().signal);
  const { signal } = wait();
  await connection.call("authList", Buffer.alloc(0), (reader) => reader.list(9, (inner) => inner.int()), signal);
  const driver = new XdrWriter().optional("qemu:///system", (writer, name) => writer.string(name)).uint(0);
  await connection.call("connectOpen", driver.bytes(), () => undefined, signal);
  const versions = await Promise.all(
    Array.from({ length: 40 }, () =>
      connection.call("connectGetLibVersion", Buffer.alloc(0), (reader) => reader.uhyper(), signal),
    ),
  );
  expect(new Set(versions).size).toBe(1);
});

describe("who is not let in, or cannot be believed, is told why", () => {
  const observe = (endpoint: Endpoint) => open(endpoint).observe(instance, wait());

  test("a certificate that the daemon does not believe", async () => {
    await expect(observe(daemon.network.stranger)).rejects.toMatchObject(unreachable(/certificate|ECONNRESET|alert/i));
  });

  test("a daemon that is not the host of the URI", async () => {
    const { uri, tls } = daemon.network.tls;
    if (uri.transport === "unix" || tls === undefined) throw new Error("not a TLS endpoint");
    const elsewhere = { uri: { ...uri, host: "127.0.0.2" }, tls };
    await using daemonThere = await LibvirtDaemon.start({
      network: true,
      configuration: ['listen_addr = "127.0.0.2"'],
    });
    const there = daemonThere.network.tls;
    if (there.uri.transport === "unix" || there.tls === undefined) throw new Error("not a TLS endpoint");
    const wrongName = { uri: { ...there.uri, host: "127.0.0.2" }, tls: there.tls };
    await expect(observe(wrongName)).rejects.toMatchObject(unreachable(/ERR_TLS_CERT_ALTNAME_INVALID.*127\.0\.0\.2/s));
    await expect(observe(elsewhere)).rejects.toMatchObject(unreachable(/ECONNREFUSED/));
  }, 60_000);

  test("a daemon that we do not believe, a file that is missing, one that is no key, and a host without a name", async () => {
    const { uri, tls } = daemon.network.tls;
    if (uri.transport === "unix" || tls === undefined) throw new Error("not a TLS endpoint");
    const other = daemon.network.stranger.tls?.certificate ?? "";
    await expect(observe({ uri, tls: { ...tls, authority: other } })).rejects.toMatchObject(
      unreachable(/UNABLE_TO_VERIFY|SELF_SIGNED|UNABLE_TO_GET/),
    );
    await expect(observe({ uri, tls: { ...tls, key: "/nowhere/key.pem" } })).rejects.toMatchObject(
      unreachable(/\/nowhere\/key\.pem/),
    );
    await expect(observe({ uri, tls: { ...tls, key: tls.authority } })).rejects.toMatchObject(
      unreachable(/TLS files are of no use/),
    );
    await expect(observe({ uri: { ...uri, host: "nobody.invalid" }, tls })).rejects.toMatchObject(
      unreachable(/ENOTFOUND|EAI_AGAIN/),
    );
  });

  test("TCP where TLS is spoken, and TLS where TCP is", async () => {
    const { tcp, tls } = daemon.network;
    if (tcp.uri.transport === "unix" || tls.uri.transport === "unix") throw new Error("not on the network");
    await expect(observe({ uri: { ...tcp.uri, port: tls.uri.port } })).rejects.toMatchObject(unreachable(/./));
    await expect(observe({ ...tls, uri: { ...tls.uri, port: tcp.uri.port } })).rejects.toMatchObject(unreachable(/./));
  });

  test("a daemon that wants SASL", async () => {
    await using strict = await LibvirtDaemon.start({ network: true, configuration: ['auth_tcp = "sasl"'] });
    await expect(observe(strict.network.tcp)).rejects.toMatchObject(unreachable(/wants authentication by sasl/));
  }, 60_000);
});
