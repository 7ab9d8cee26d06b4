import type { Catalog } from "#drive/catalog.js";
import type { Hypervisor } from "#drive/hypervisor.js";
import type { ImageStore } from "#drive/image-store.js";
import type { InstanceCatalog } from "#drive/instance/instance-catalog.js";
import type { Launcher } from "#drive/launcher.js";
import type { ImagePlan } from "#image/plan.js";
import type { ByteSource } from "#image/tree.js";

/** Told at every place where a kill could make a difference: before and after each use of a port, and within each image. */
export type OnStep = (name: string) => void;

/** The catalog with a step before and after each use. */
export function steppedCatalog(catalog: Catalog, onStep: OnStep): Catalog {
  const around = stepper("catalog", onStep);
  return {
    identity: catalog.identity,
    instances: steppedInstances(catalog.instances, onStep),
    hosts: catalog.hosts,
    find: (...args) => around("find", () => catalog.find(...args)),
    list: (...args) => around("list", () => catalog.list(...args)),
    ofInstance: (...args) => around("ofInstance", () => catalog.ofInstance(...args)),
    tally: () => around("tally", () => catalog.tally()),
    driveCount: (...args) => around("driveCount", () => catalog.driveCount(...args)),
    spec: (...args) => around("spec", () => catalog.spec(...args)),
    request: (...args) => around("request", () => catalog.request(...args)),
    open: (...args) => around("open", () => catalog.open(...args)),
    openAll: (...args) => around("openAll", () => catalog.openAll(...args)),
    takeOver: (...args) => around("takeOver", () => catalog.takeOver(...args)),
    advance: (...args) => around("advance", () => catalog.advance(...args)),
    close: (...args) => around("close", () => catalog.close(...args)),
    settle: (...args) => around("settle", () => catalog.settle(...args)),
    underWay: () => around("underWay", () => catalog.underWay()),
    leftovers: (...args) => around("leftovers", () => catalog.leftovers(...args)),
    held: (...args) => around("held", () => catalog.held(...args)),
    attached: (...args) => around("attached", () => catalog.attached(...args)),
    changes: (...args) => around("changes", () => catalog.changes(...args)),
    changeRange: () => around("changeRange", () => catalog.changeRange()),
    findUpload: (...args) => around("findUpload", () => catalog.findUpload(...args)),
    keepUpload: (...args) => around("keepUpload", () => catalog.keepUpload(...args)),
    forgetUploads: (...args) => around("forgetUploads", () => catalog.forgetUploads(...args)),
    namedContent: (...args) => around("namedContent", () => catalog.namedContent(...args)),
    nextWrite: () => catalog.nextWrite(),
    forgetChanges: (...args) => around("forgetChanges", () => catalog.forgetChanges(...args)),
    forgetRequests: (...args) => around("forgetRequests", () => catalog.forgetRequests(...args)),
    check: () => catalog.check(),
    backUp: (...args) => around("backUp", () => catalog.backUp(...args)),
    dispose: () => catalog.dispose(),
  };
}

function steppedInstances(instances: InstanceCatalog, onStep: OnStep): InstanceCatalog {
  const around = stepper("instances", onStep);
  return {
    find: (...args) => around("find", () => instances.find(...args)),
    list: (...args) => around("list", () => instances.list(...args)),
    drivesOf: (...args) => around("drivesOf", () => instances.drivesOf(...args)),
    open: (...args) => around("open", () => instances.open(...args)),
    work: (...args) => around("work", () => instances.work(...args)),
    underWay: () => around("underWay", () => instances.underWay()),
    takeOver: (...args) => around("takeOver", () => instances.takeOver(...args)),
    turnBack: (...args) => around("turnBack", () => instances.turnBack(...args)),
    close: (...args) => around("close", () => instances.close(...args)),
    note: (...args) => around("note", () => instances.note(...args)),
    countByHost: () => around("countByHost", () => instances.countByHost()),
    running: (...args) => around("running", () => instances.running(...args)),
  };
}

/** A launcher with a step before and after each use. */
export function steppedLauncher(launcher: Launcher, onStep: OnStep): Launcher {
  const around = stepper("launcher", onStep);
  return {
    plan: (...args) => around("plan", () => launcher.plan(...args)),
    launch: (...args) => around("launch", () => launcher.launch(...args)),
    stop: (...args) => around("stop", () => launcher.stop(...args)),
    destroy: (...args) => around("destroy", () => launcher.destroy(...args)),
    runs: (...args) => around("runs", () => launcher.runs(...args)),
  };
}

/** The image store with a step before and after each use, and one after every part of an image that is written. */
export function steppedImages(images: ImageStore, onStep: OnStep): ImageStore {
  const around = stepper("images", onStep);
  return {
    place: (driveId, generation, plan, wait) =>
      around("place", () => images.place(driveId, generation, steppedPlan(plan, onStep), wait)),
    hold: (driveId) => images.hold(driveId),
    locate: (...args) => around("locate", () => images.locate(...args)),
    read: (...args) => around("read", () => images.read(...args)),
    remove: (...args) => around("remove", () => images.remove(...args)),
    removeDrive: (...args) => around("removeDrive", () => images.removeDrive(...args)),
    list: () => around("list", () => images.list()),
    discard: (...args) => around("discard", () => images.discard(...args)),
  };
}

/** The hypervisor with a step before and after each use. */
export function steppedHypervisor(hypervisor: Hypervisor, onStep: OnStep): Hypervisor {
  const around = stepper("hypervisor", onStep);
  return {
    name: hypervisor.name,
    devices: hypervisor.devices,
    choose: (...args) => around("choose", () => hypervisor.choose(...args)),
    attach: (...args) => around("attach", () => hypervisor.attach(...args)),
    refresh: (...args) => around("refresh", () => hypervisor.refresh(...args)),
    detach: (...args) => around("detach", () => hypervisor.detach(...args)),
    observe: (...args) => around("observe", () => hypervisor.observe(...args)),
    close: () => hypervisor.close(),
  };
}

function stepper(port: string, onStep: OnStep) {
  return async <T>(use: string, work: () => Promise<T>): Promise<T> => {
    onStep(`before ${port}.${use}`);
    const result = await work();
    onStep(`after ${port}.${use}`);
    return result;
  };
}

/** The same image, read in three parts, with a step before each: the file is half written there. */
function steppedPlan(plan: ImagePlan, onStep: OnStep): ImagePlan {
  return { ...plan, extents: plan.extents.map(({ offset, data }) => ({ offset, data: stepped(data, onStep) })) };
}

function stepped(source: ByteSource, onStep: OnStep): ByteSource {
  const { size, bytes } = source;
  if (bytes === undefined) return source;
  const part = Math.max(1, Math.ceil(size / 3));
  return {
    size,
    read: async function* () {
      for (let at = 0; at < size; at += part) {
        onStep("within images.place");
        yield bytes.subarray(at, at + part);
      }
    },
  };
}
