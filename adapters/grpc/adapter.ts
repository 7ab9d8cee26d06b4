import type { MethodDefinition } from "@grpc/grpc-js";
import type { Device } from "#drive/drive.js";
import type { DeviceForm, DeviceWish, Hypervisor, Observation, PlacedImage, Wait } from "#drive/hypervisor.js";
import { Refusal } from "#drive/refusal.js";
import { AdapterServiceService as service } from "#gen/configdrive/adapter/v1/adapter.js";
import { InstanceQueue } from "../instance-queue.js";
import { Channel, methodName } from "./channel.js";
import {
  AnswerError,
  deviceMessage,
  deviceOf,
  formsOf,
  imageMessage,
  observationsOf,
  wishMessage,
} from "./messages.js";
import { refusalFrom } from "./refusals.js";

export interface GrpcOptions {
  /** Where the adapter listens: `unix:/path` or `host:port` of this machine. */
  readonly target: string;
  /** Milliseconds for each of its answers. */
  readonly answerMs: number;
}

/**
 * Instances of a hypervisor that an adapter in a process of its own serves (proto/configdrive/adapter/v1): each step is one
 * call to it, one at a time for an instance. What it answers is checked; what a guest sees, it knows.
 */
export class GrpcHypervisor implements Hypervisor {
  readonly name = "grpc";
  readonly #channel: Channel;
  readonly #queue = new InstanceQueue();
  readonly #closing = new AbortController();
  #devices: readonly DeviceForm[] = [];
  /** Whether the adapter that answers now has said what it can plug in. */
  #described = false;
  #describing: Promise<void> | undefined;

  constructor({ target, answerMs }: GrpcOptions) {
    this.#channel = new Channel(target, answerMs);
    this.#describe();
  }

  /** What the adapter said when it was last asked; nothing as long as it never answered. */
  get devices(): readonly DeviceForm[] {
    return this.#devices;
  }

  async choose(instanceId: string, image: PlacedImage, wish: DeviceWish, wait: Wait): Promise<Device> {
    const request = { instanceId, image: imageMessage(image), wish: wishMessage(wish) };
    const { device } = await this.#call(service.chooseDevice, instanceId, () => request, wait);
    return read(service.chooseDevice, instanceId, () => deviceOf(device, wish));
  }

  async attach(instanceId: string, image: PlacedImage, device: Device, wait: Wait): Promise<void> {
    const request = { instanceId, image: imageMessage(image), device: deviceMessage(device) };
    await this.#call(service.attachDevice, instanceId, (expiresAt) => ({ ...request, expiresAt }), wait);
    await this.#requireSeen(service.attachDevice, instanceId, image.driveId, image.generation, wait);
  }

  async refresh(instanceId: string, image: PlacedImage, device: Device, force: boolean, wait: Wait): Promise<void> {
    const request = { instanceId, image: imageMessage(image), device: deviceMessage(device), force };
    await this.#call(service.refreshDevice, instanceId, (expiresAt) => ({ ...request, expiresAt }), wait);
    await this.#requireSeen(service.refreshDevice, instanceId, image.driveId, image.generation, wait);
  }

  async detach(instanceId: string, driveId: string, device: Device, force: boolean, wait: Wait): Promise<void> {
    const request = { instanceId, driveId, device: deviceMessage(device), force };
    try {
      await this.#call(service.detachDevice, instanceId, (expiresAt) => ({ ...request, expiresAt }), wait);
    } catch (error) {
      if (!isRefusal(error, "INSTANCE_NOT_FOUND")) throw error;
      return;
    }
    await this.#requireSeen(service.detachDevice, instanceId, driveId, undefined, wait);
  }

  async observe(instanceId: string, wait: Wait): Promise<readonly Observation[] | undefined> {
    const answer = await this.#call(service.observeInstance, instanceId, () => ({ instanceId }), wait);
    return read(service.observeInstance, instanceId, () => observationsOf(answer));
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#queue.idle();
    await this.#describing;
    this.#channel.close();
  }

  /**
   * Success means seen, whatever an adapter answers. Refuses with HYPERVISOR_FAILED.
   * @param generation - what the instance is to have of the drive; unset: nothing
   */
  async #requireSeen(
    method: Parameters<typeof methodName>[0],
    instanceId: string,
    driveId: string,
    generation: number | undefined,
    wait: Wait,
  ): Promise<void> {
    const observed = await this.observe(instanceId, wait);
    const seen = observed?.find((one) => one.driveId === driveId)?.generation;
    if (seen === generation) return;
    const what = seen === undefined ? `no drive ${driveId}` : `generation ${seen} of drive ${driveId}`;
    const lie = new AnswerError(`it was a success, and ObserveInstance tells of ${what}`);
    throw refusalFrom(lie, methodName(method), instanceId);
  }

  async #call<Q, S>(
    method: MethodDefinition<Q, S>,
    instanceId: string,
    requestUntil: (expiresAt: Date) => Q,
    { signal }: Wait,
  ): Promise<S> {
    try {
      const answer = await this.#queue.run(instanceId, signal, () =>
        this.#channel.call(method, requestUntil, { instanceId, signal }),
      );
      if (!this.#described) this.#describe();
      return answer;
    } catch (error) {
      // Who answers next may be another version of it.
      if (isRefusal(error, "HYPERVISOR_UNREACHABLE")) this.#described = false;
      throw error;
    }
  }

  /** Asks what the adapter can plug in. Nobody waits for that: one that is away is asked when it has answered again. */
  #describe(): void {
    this.#describing ??= this.#channel
      .call(service.describeAdapter, () => ({}), { instanceId: "any", signal: this.#closing.signal })
      .then((answer) => {
        this.#devices = formsOf(answer);
        this.#described = true;
      })
      .catch(() => undefined)
      .finally(() => {
        this.#describing = undefined;
      });
  }
}

/** Reads an answer; one that breaks a rule comes out as a refusal. */
function read<T>(method: Parameters<typeof methodName>[0], instanceId: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw refusalFrom(error, methodName(method), instanceId);
  }
}

function isRefusal(error: unknown, reason: Refusal["reason"]): boolean {
  return error instanceof Refusal && error.reason === reason;
}
