import type { Device } from "#drive/drive.js";
import type { DeviceWish, PlacedImage } from "#drive/hypervisor.js";
import { type ChoiceOn, chooseDevice, firstChoice, noPlace } from "../choice.js";
import { type Machine, readMachine } from "./machine.js";
import { deviceId } from "./names.js";
import { type Place, placesOf, whyNoPlace } from "./place.js";
import type { Session } from "./session.js";

/** Chooses a device for an image. Refuses with BUS_NOT_AVAILABLE, saying what the machine lacks and what would work. */
export async function choose(session: Session, image: PlacedImage, wish: DeviceWish): Promise<Device> {
  const machine = await session.monitor.remember(() => readMachine(session, firstChoice(image, wish)?.bus));
  return chooseOn(machine, image, wish, session.instanceId);
}

/** The choice itself, on what is known of a machine. */
export function chooseOn(machine: Machine, image: PlacedImage, wish: DeviceWish, instanceId: string): Device {
  return chooseDevice(choiceOn(machine, instanceId), image, wish, deviceId(image.driveId));
}

/** The place that a machine was seen to have a moment ago for a device that was chosen earlier. It may be taken since. */
export function lastPlaceFor(session: Session, device: Device): Place | undefined {
  const machine = session.monitor.lastReading;
  return machine === undefined ? undefined : placeOn(machine, device);
}

/** The place on the machine where a device that was chosen earlier can be plugged in now. */
export async function placeFor(session: Session, device: Device, image: PlacedImage): Promise<Place> {
  const machine = await readMachine(session, device.bus);
  const place = placeOn(machine, device);
  if (place !== undefined) return place;
  throw noPlace(choiceOn(machine, session.instanceId), [whyNoPlace(machine, device.kind, device.bus)], image);
}

function placeOn(machine: Machine, device: Device): Place | undefined {
  return placesOf(machine).find(({ kind, bus }) => kind === device.kind && bus === device.bus);
}

function choiceOn(machine: Machine, instanceId: string): ChoiceOn {
  return {
    instanceId,
    hypervisor: "qemu",
    title: "QEMU",
    places: placesOf(machine),
    whyNoPlace: (kind, bus) => whyNoPlace(machine, kind, bus),
  };
}
