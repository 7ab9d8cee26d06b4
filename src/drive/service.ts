import { attach } from "./attach.js";
import { buildInstanceDrive } from "./build-instance-drive.js";
import { capabilities } from "./capabilities.js";
import { connect } from "./connect.js";
import { declareHost } from "./declare-host.js";
import { deleteDrive } from "./delete.js";
import type { Dependencies } from "./dependencies.js";
import { detach } from "./detach.js";
import { diff } from "./diff.js";
import { disconnect } from "./disconnect.js";
import { download } from "./download.js";
import type { Drive } from "./drive.js";
import { get } from "./get.js";
import type { HostView } from "./hosts.js";
import { inspect } from "./inspect.js";
import type { Instance } from "./instance/instance.js";
import { createInstanceUseCases } from "./instance/service.js";
import { KnownHosts } from "./known-hosts.js";
import { list } from "./list.js";
import { populate } from "./populate.js";
import { type Reconciled, reconcile } from "./reconcile.js";
import { recordInstanceDrive } from "./record-instance-drive.js";
import { refresh } from "./refresh.js";
import { Refusal } from "./refusal.js";
import { releaseInstance } from "./release-instance.js";
import { type Outcome, Running } from "./running.js";
import { stageInstanceDrive } from "./stage-instance-drive.js";
import { Turns } from "./turns.js";
import { update } from "./update.js";
import { Upkeep } from "./upkeep.js";
import { upload } from "./upload.js";
import type { UseCases } from "./use-cases.js";
import { watch } from "./watch.js";

/** The use cases, and what keeps them true over time. */
export interface DriveService extends UseCases {
  /** Every host that is known, with those that are declared lost. */
  hosts(): readonly HostView[];
  /** One pass of the reconciler: once before a door opens, then every so often. Passes never overlap: a second one joins the first. */
  reconcile(signal: AbortSignal): Promise<Reconciled>;
  /** Takes no new mutating calls and waits for those under way; when the signal comes first, they are left for the next start. */
  drain(signal: AbortSignal): Promise<void>;
}

/** Binds the use cases to what they need. It owns none of it: the caller closes catalog and hypervisor after `drain`. */
export function createDriveService(given: Dependencies): DriveService {
  const hosts = new KnownHosts(given.hosts);
  const deps = { ...given, hosts };
  const running = new Running();
  const instances = new Running<readonly Instance[]>();
  const turns = new Turns();
  const upkeep = new Upkeep();
  let pass: Promise<Reconciled> | undefined;
  const context = { deps, drives: running, instances, turns };
  const onePass = async (signal: AbortSignal) => {
    hosts.take(await deps.catalog.hosts.lost());
    return await reconcile(context, upkeep, signal);
  };
  return {
    instances: createInstanceUseCases(context),
    populate: async (request, call) => there(await populate(deps, running, request, call)),
    attach: async (request, call) => there(await attach(deps, running, turns, request, call)),
    refresh: async (request, call) => there(await refresh(deps, running, request, call)),
    detach: async (request, call) => there(await detach(deps, running, request, call)),
    update: async (request, call) => there(await update(deps, running, request, call)),
    buildInstanceDrive: (request, call) => buildInstanceDrive(deps, running, request, call),
    recordInstanceDrive: async (request, call) => there(await recordInstanceDrive(deps, running, request, call)),
    stageInstanceDrive: (request, call) => stageInstanceDrive(deps, running, request, call),
    connect: (request, call) => connect(deps, running, request, call),
    disconnect: async (request, call) => there(await disconnect(deps, running, request, call)),
    releaseInstance: (request, call) => releaseInstance(deps, running, turns, request, call),
    declareHost: (request, call) => declareHost(deps, hosts, request, call),
    get: (driveId, call) => get(deps, driveId, call),
    list: (request, call) => list(deps, request, call),
    delete: (request, call) => deleteDrive(deps, running, request, call),
    inspect: (request, call) => inspect(deps, request, call),
    diff: (driveId, call) => diff(deps, driveId, call),
    capabilities: () => capabilities(deps),
    upload: (request, call) => upload(deps, request, call),
    download: (request, call) => download(deps, request, call),
    watch: (request, call) => watch(deps, running, request, call),
    hosts: () => hosts.view(),
    reconcile: (signal) => {
      pass ??= onePass(signal).finally(() => {
        pass = undefined;
      });
      return pass;
    },
    drain: async (signal) => void (await Promise.all([instances.drain(signal), running.drain(signal)])),
  };
}

/** The drive that a call gives; one that was deleted since an earlier call of the same request is not there any more. */
function there(outcome: Outcome): Drive {
  if (outcome === undefined) throw new Refusal("DRIVE_NOT_FOUND", "the drive of this request was deleted since");
  return outcome;
}
