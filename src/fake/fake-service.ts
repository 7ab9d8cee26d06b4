import { randomUUID } from "node:crypto";
import { access, constants, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openCatalog } from "#catalog/open.js";
import { Closers } from "#daemon/closers.js";
import { ContentDirectory } from "#daemon/content-directory.js";
import { ImageDirectory } from "#daemon/image-directory.js";
import { newRequestId } from "#daemon/request-id.js";
import { defaultLimits, type Limits } from "#drive/limits.js";
import { LocalHost } from "#drive/local-host.js";
import type { Reason } from "#drive/refusal.js";
import { createDriveService, type DriveService } from "#drive/service.js";
import { type GrpcDoor, openGrpcDoor } from "#grpc/server.js";
import { FakeClock } from "./clock.js";
import { LauncherModel } from "./launcher-model.js";
import { MachineModel } from "./machine-model.js";
import { RefusingPolicy } from "./refusing-policy.js";
import { FakeSources } from "./sources.js";

/** How long the end waits for what was begun. */
const DRAIN_MS = 10_000;

/** What a fake starts with. */
export interface FakeOptions {
  /** Instances that run, with nothing in them. */
  readonly instances?: readonly string[];
  /** The host that they run on; `fake` if not given. */
  readonly host?: string;
  /** Where the service's clock stands; unset: it runs with the machine's. */
  readonly now?: Date;
  /** Where the service takes less, or keeps things for less long, than it does by default. */
  readonly limits?: Partial<Limits>;
}

/** How often something is to fail. */
export interface Failing {
  /** 1 if not given. */
  readonly times?: number;
  /** What the error is about, such as `drive_id`. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/**
 * The service in this process, for the tests of a program that calls it: its own use cases, checks, images, catalog and error table behind
 * its own gRPC door, over machines that are a model. Only time, machines and failures are the test's. What it writes is in memory, where the machine has /dev/shm.
 */
export class FakeService implements AsyncDisposable {
  readonly #policy = new RefusingPolicy();
  #door: GrpcDoor | undefined;

  private constructor(
    private readonly directory: string,
    private readonly images: ImageDirectory,
    private readonly service: DriveService,
    /** The machines that the instances are: start and stop them, see what they see, have them refuse or hold a step. */
    readonly machines: MachineModel,
    /** What stands where content is read from by reference. */
    readonly sources: FakeSources,
    private readonly clock: FakeClock,
    private readonly closing: AsyncDisposable,
  ) {}

  /** Starts a service; it is reached at `target` when this ends. */
  static async start({ instances = [], host = "fake", now, limits = {} }: FakeOptions = {}): Promise<FakeService> {
    await using started = new Closers();
    const directory = started.adopt(await mkdtemp(join(await memory(), "configdrive-fake-")), (made) =>
      rm(made, { recursive: true, force: true }),
    );
    const owner = { pid: process.pid, host, since: new Date().toISOString() };
    const catalog = started.adopt(
      await openCatalog(`sqlite:///${join(directory, "catalog.sqlite")}`, owner, { newId: randomUUID }),
      (opened) => opened.dispose(),
    );
    const images = await ImageDirectory.open(join(directory, "images"));
    const contents = await ContentDirectory.open(join(directory, "contents"));
    const [machines, sources, clock] = [new MachineModel(), new FakeSources(), new FakeClock(now)];
    for (const instance of instances) machines.start(instance);
    const service = createDriveService({
      ...{ catalog, images, contents, sources, now: clock.now },
      hosts: new LocalHost(host, machines, images, "fake", clock.now, new LauncherModel(machines)),
      newId: randomUUID,
      limits: { ...defaultLimits, ...limits },
      report: () => {},
    });
    started.defer(() => service.drain(AbortSignal.timeout(DRAIN_MS)));
    const fake = new FakeService(directory, images, service, machines, sources, clock, started.move());
    await fake.comeBack();
    return fake;
  }

  /** As gRPC dials it. The same after `goAway` and `comeBack`. */
  get target(): string {
    return `unix:${join(this.directory, "grpc.sock")}`;
  }

  /** The time in the service. */
  get now(): Date {
    return this.clock.now();
  }

  /** Moves the service's time on, and has it do what is due then, as removing what is past its age. */
  async advance(milliseconds: number): Promise<void> {
    this.clock.move(milliseconds);
    await this.reconcile();
  }

  /** What the service does by itself every few seconds: ends what was left open, shows again what an instance has lost. */
  async reconcile(): Promise<void> {
    await this.service.reconcile(new AbortController().signal);
  }

  /** The next calls of a method, such as `AttachDrive`, are refused before anything is done. */
  refuse(method: string, reason: Reason, { times = 1, metadata = {} }: Failing = {}): void {
    this.#policy.refuse(method, reason, times, metadata);
  }

  /** Nothing is refused any more, neither calls nor what the machines are told. */
  mend(): void {
    this.#policy.mend();
    this.machines.mend();
  }

  /** Cuts every call off and cannot be reached, until `comeBack`. What it knows stays. */
  async goAway(): Promise<void> {
    await this.#door?.[Symbol.asyncDispose]();
    this.#door = undefined;
  }

  /** Can be reached again. */
  async comeBack(): Promise<void> {
    const { service: drives, target: listen } = this;
    this.#door ??= await openGrpcDoor({ drives, policy: this.#policy, listen, newRequestId });
  }

  /** The bytes of the volume that an instance sees; `undefined` where it has no such drive. */
  async volumeSeenBy(instanceId: string, driveId: string): Promise<Buffer | undefined> {
    const generation = this.machines.seenBy(instanceId)[driveId];
    if (generation === undefined) return undefined;
    using image = await this.images.read(driveId, generation);
    return image === undefined ? undefined : Buffer.from(image.read(0, image.size));
  }

  /** Ends the service, and forgets everything. */
  async [Symbol.asyncDispose](): Promise<void> {
    await using _closing = this.closing;
    this.mend();
    await this.goAway();
  }
}

/** Where files are memory; where there is no such place, that for temporary ones. */
async function memory(): Promise<string> {
  const shared = "/dev/shm";
  return await access(shared, constants.W_OK).then(
    () => shared,
    () => tmpdir(),
  );
}
