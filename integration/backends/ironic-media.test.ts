import { randomUUID } from "node:crypto";
import { jest } from "@jest/globals";
import { MEDIA_MARK } from "#adapters/ironic/media/mark.js";
import { freePort } from "#integration/rigs/ports.js";
import { put, seen, wait } from "../adapters/case.js";
import { lostImage, sampleBlob, sampleIso, twoGenerations } from "../adapters/sample-image.js";
import { openOn } from "./ironic-backend.js";
import { mediaScene, PATIENT } from "./ironic-media-scene.js";

// On a machine that is busy with other things a step takes many times as long.
jest.setTimeout(120_000);

const busy = (told: string) => ({ reason: "DEVICE_BUSY", message: expect.stringContaining(told) });

describe("virtual media of an Ironic with redfish hardware", () => {
  const scene = mediaScene();

  test("a deployed node gets a drive as a CD, another generation of it, and loses it, without a rebuild", async () => {
    const hypervisor = await scene.adapter();
    const [first, second] = await twoGenerations(scene.images, randomUUID());
    const device = await hypervisor.choose(scene.node.id, first, {}, wait());
    expect(device).toEqual({
      ...{ kind: "cdrom", bus: "usb", name: `cdrom-${scene.node.uuid}` },
      reason: "the node is deployed; virtual media, inserted by the node's BMC",
    });
    expect(await scene.node.reads()).toBeUndefined();
    for (const _again of [1, 2]) {
      await hypervisor.attach(scene.node.id, first, device, wait());
      expect(await scene.node.reads()).toBe(first.sha256);
      expect(await seen(hypervisor, scene.node.id)).toEqual({ [first.driveId]: 1 });
    }
    await expect(hypervisor.attach(scene.node.id, second, device, wait())).rejects.toMatchObject(
      busy("refresh it to show 2"),
    );
    for (const _again of [1, 2]) {
      await hypervisor.refresh(scene.node.id, second, device, false, wait());
      expect(await scene.node.reads()).toBe(second.sha256);
      expect(await seen(await scene.adapter(), scene.node.id)).toEqual({ [first.driveId]: 2 });
    }
    for (const _again of [1, 2]) {
      await hypervisor.detach(scene.node.id, first.driveId, device, false, wait());
      expect(await scene.node.reads()).toBeUndefined();
      expect(await seen(hypervisor, scene.node.id)).toEqual({});
    }
    expect(await scene.node.extra()).toEqual({});
    await hypervisor.attach(scene.node.id, second, device, wait());
    expect(await scene.node.reads()).toBe(second.sha256);
  });

  test("somebody else's CD is refused, and stays; so does another drive of ours", async () => {
    const hypervisor = await scene.adapter();
    const [first, second] = [
      await sampleIso(scene.images, randomUUID(), 1),
      await sampleIso(scene.images, randomUUID(), 1),
    ];
    const theirs = await scene.rig.publish(`${randomUUID()}.iso`, Buffer.from("somebody else's"));
    await scene.rig.bmcs.insert(scene.node.machine, theirs);
    const device = { kind: "cdrom", bus: "usb", name: `cdrom-${scene.node.uuid}`, reason: "" } as const;
    const foreign = busy("a CD inserted that is not ours; would work: take that away first");
    await expect(hypervisor.choose(scene.node.id, first, {}, wait())).rejects.toMatchObject(foreign);
    await expect(hypervisor.attach(scene.node.id, first, device, wait())).rejects.toMatchObject(foreign);
    await hypervisor.detach(scene.node.id, first.driveId, device, true, wait());
    expect(await scene.rig.bmcs.medium(scene.node.machine)).toEqual({ Image: theirs, Inserted: true });
    await scene.rig.bmcs.eject(scene.node.machine);

    await put(hypervisor, scene.node.id, first, {});
    await expect(hypervisor.attach(scene.node.id, second, device, wait())).rejects.toMatchObject(
      busy(`drive ${first.driveId}`),
    );
    await hypervisor.detach(scene.node.id, second.driveId, device, true, wait());
    expect(await scene.node.reads()).toBe(first.sha256);

    await scene.rig.bmcs.insert(scene.node.machine, theirs, "Second");
    await expect(hypervisor.detach(scene.node.id, first.driveId, device, true, wait())).rejects.toMatchObject(
      busy("a second CD inserted, which is not ours"),
    );
    expect(await scene.rig.bmcs.medium(scene.node.machine, "Second")).toEqual({ Image: theirs, Inserted: true });
    expect(await scene.node.reads()).toBe(first.sha256);
    await scene.rig.bmcs.eject(scene.node.machine, "Second");

    // Ours is taken out at the BMC, and theirs put in.
    await scene.rig.bmcs.eject(scene.node.machine);
    expect(await seen(hypervisor, scene.node.id)).toEqual({ [first.driveId]: 0 });
    await scene.rig.bmcs.insert(scene.node.machine, theirs);
    expect(await seen(hypervisor, scene.node.id)).toEqual({ [first.driveId]: 0 });
    await expect(hypervisor.refresh(scene.node.id, first, device, true, wait())).rejects.toMatchObject(foreign);
    await hypervisor.detach(scene.node.id, first.driveId, device, true, wait());
    expect(await scene.rig.bmcs.medium(scene.node.machine)).toEqual({ Image: theirs, Inserted: true });
    expect(await scene.node.extra()).toEqual({});
  });

  test("a CD that somebody took out comes back by the next refresh", async () => {
    const hypervisor = await scene.adapter();
    const image = await sampleIso(scene.images, randomUUID(), 1);
    const device = await put(hypervisor, scene.node.id, image, {});
    await scene.rig.bmcs.eject(scene.node.machine);
    await hypervisor.refresh(scene.node.id, image, device, false, wait());
    expect(await scene.node.reads()).toBe(image.sha256);
  });

  test("what an attach that was cut short has left is completed by the next one, or taken by a detach", async () => {
    const hypervisor = await scene.adapter();
    const image = await sampleIso(scene.images, randomUUID(), 1);
    const device = await put(hypervisor, scene.node.id, image, {});
    const mark = { instance: scene.node.id, drive: image.driveId, generation: 0 };
    const cut = () => scene.node.change({ op: "replace", path: `/extra/${MEDIA_MARK}`, value: mark });
    await cut();
    expect(await seen(hypervisor, scene.node.id)).toEqual({ [image.driveId]: 0 });
    await hypervisor.attach(scene.node.id, image, device, wait());
    expect(await scene.node.reads()).toBe(image.sha256);
    expect(await seen(hypervisor, scene.node.id)).toEqual({ [image.driveId]: 1 });
    await cut();
    await hypervisor.detach(scene.node.id, image.driveId, device, false, wait());
    expect(await scene.node.reads()).toBeUndefined();
    expect(await scene.node.extra()).toEqual({});
  });

  test("what Ironic cannot fetch or does not take is told in its words, and nothing is left", async () => {
    const image = await sampleIso(scene.images, randomUUID(), 1);
    const media = { host: "127.0.0.1", port: await freePort(), url: "https://localhost:1", newName: randomUUID };
    const lost = await scene.adapter({ media });
    const device = await lost.choose(scene.node.id, image, {}, wait());
    await expect(lost.attach(scene.node.id, image, device, wait())).rejects.toMatchObject({
      reason: "HYPERVISOR_FAILED",
      message: expect.stringMatching(/Ironic did not insert the CD: Could not attach device cdrom.*localhost/s),
    });
    expect(await scene.node.extra()).toEqual({});
    const hypervisor = await scene.adapter();
    const gone = await lostImage(scene.images, randomUUID(), 1);
    await expect(hypervisor.attach(scene.node.id, gone, device, wait())).rejects.toMatchObject({
      reason: "HYPERVISOR_FAILED",
      message: expect.stringContaining("the image cannot be served to Ironic: ENOENT"),
    });
    expect(await scene.node.extra()).toEqual({});
    expect(await scene.node.reads()).toBeUndefined();
  });

  test("refused before anything is changed: no such device, a cut CD, nothing that serves scene.images, a wrong password", async () => {
    const image = await sampleIso(scene.images, randomUUID(), 1);
    const hypervisor = await scene.adapter();
    const none = (told: string) => ({ reason: "BUS_NOT_AVAILABLE", message: expect.stringContaining(told) });
    const onIde = { kind: "cdrom", bus: "ide" } as const;
    await expect(hypervisor.choose(scene.node.id, image, onIde, wait())).rejects.toMatchObject(
      none("a BMC has no cdrom on ide; would work: cdrom on usb"),
    );
    const blob = await sampleBlob(scene.images, randomUUID(), 1);
    await expect(hypervisor.choose(scene.node.id, blob, { kind: "cdrom" }, wait())).rejects.toMatchObject(
      none("would work: 155648 bytes"),
    );
    const silent = openOn(scene.rig.ironic, PATIENT, { rebuild: false });
    scene.closes(silent);
    await expect(silent.choose(scene.node.id, image, { kind: "cdrom" }, wait())).rejects.toMatchObject(
      none("set [ironic] media_listen and media_url"),
    );
    const stranger = await scene.adapter({
      credentials: { kind: "basic", user: "configdrive", password: { reveal: () => "a-wrong-one" } },
    });
    await expect(stranger.choose(scene.node.id, image, {}, wait())).rejects.toMatchObject({
      reason: "HYPERVISOR_UNREACHABLE",
      message: expect.stringContaining("status 401"),
    });
    expect(await scene.node.extra()).toEqual({});
    expect(await scene.node.reads()).toBeUndefined();
  });

  test("a drive is taken from a node whose instance has gone, by the node in its device's name, with its CD or without", async () => {
    const hypervisor = await scene.adapter();
    const [first, second] = [
      await sampleIso(scene.images, randomUUID(), 1),
      await sampleIso(scene.images, randomUUID(), 1),
    ];
    const device = await put(hypervisor, scene.node.id, first, {});
    await scene.node.forget();
    expect(await seen(hypervisor, scene.node.id)).toBeUndefined();
    expect(await scene.node.reads()).toBe(first.sha256);
    await hypervisor.detach(scene.node.id, first.driveId, device, false, wait());
    expect(await scene.node.reads()).toBeUndefined();
    expect(await scene.node.extra()).toEqual({});

    await using other = await scene.rig.node();
    const otherDevice = await put(hypervisor, other.id, second, {});
    // Its boot interface, redfish-virtual-media, has every CD ejected.
    await other.provision("deleted", "available");
    expect(await other.reads()).toBeUndefined();
    await hypervisor.detach(other.id, second.driveId, otherDevice, false, wait());
    expect(await other.extra()).toEqual({});
  });
});
