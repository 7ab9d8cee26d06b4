import type { Device, DeviceBus, DeviceKind } from "#drive/drive.js";
import type { DeviceWish, PlacedImage } from "#drive/hypervisor.js";
import { type ChoiceOn, chooseDevice, noPlace } from "../choice.js";
import type { Slot } from "./device-xml.js";
import type { DomainDescription } from "./domain-xml.js";
import { deviceName } from "./names.js";
import { placesOf, placesToChoose, slotFor, whyNoPlace } from "./place.js";
import type { Session } from "./session.js";

/**
 * Chooses a device for an image. Refuses with INSTANCE_AMBIGUOUS, and with BUS_NOT_AVAILABLE, saying what the domain lacks and what
 * would work.
 */
export async function choose(session: Session, image: PlacedImage, wish: DeviceWish): Promise<Device> {
  const [, ...descriptions] = await Promise.all([
    session.requireUnambiguous(),
    ...session.views.map((view) => session.describe(view)),
  ]);
  const on = choiceOn(session, descriptions, placesToChoose(descriptions));
  return chooseDevice(on, image, wish, deviceName(image.driveId));
}

/** The slot that a device which was chosen earlier can have now. */
export function requireSlot(
  session: Session,
  descriptions: readonly DomainDescription[],
  device: { readonly kind: DeviceKind; readonly bus: DeviceBus },
  image: PlacedImage,
): Slot {
  const { kind, bus } = device;
  const places = placesOf(descriptions);
  if (places.some((place) => place.kind === kind && place.bus === bus)) return slotFor(descriptions, kind, bus);
  throw noPlace(choiceOn(session, descriptions, places), [whyNoPlace(descriptions, kind, bus)], image);
}

function choiceOn(session: Session, descriptions: readonly DomainDescription[], places: ChoiceOn["places"]): ChoiceOn {
  return {
    instanceId: session.instanceId,
    hypervisor: "libvirt",
    title: "libvirt",
    places,
    whyNoPlace: (kind, bus) => whyNoPlace(descriptions, kind, bus),
  };
}
