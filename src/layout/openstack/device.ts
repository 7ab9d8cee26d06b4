import { z } from "zod";
import { fits } from "../check.js";
import { type Json, text } from "../document.js";
import { SINCE } from "./versions.js";

type Device = { readonly [key: string]: Json };

const named = z.looseObject({
  type: z.enum(["nic", "disk", "share"], { error: "must be nic, disk or share" }),
  bus: text,
  address: text,
  tags: z.array(text).optional(),
});

/**
 * One entry of `devices` in meta_data.json, as the newest version shows it (nova/api/metadata/base.py, _get_device_metadata).
 * Keys are kept as given.
 */
export const device = z.custom<Device>().check(fits(named));

/** The devices as one dated version shows them: what it does not know yet is left out. */
export function devicesFor(version: string, devices: readonly Device[]): Device[] {
  const seen: Device[] = [];
  for (const { vlan, vf_trusted, ...rest } of devices) {
    if (rest.type === "share" && version < SINCE.share_devices) continue;
    const shown: Device = {
      ...(vlan !== undefined && vlan !== null && version >= SINCE.vlan ? { vlan } : {}),
      ...(rest.type === "nic" && version >= SINCE.vf_trusted ? { vf_trusted: vf_trusted ?? false } : {}),
      ...rest,
    };
    // A nic that has nothing to tell beyond its addresses is not shown.
    if (shown.type === "nic" && shown.tags === undefined && !("vlan" in shown) && !("vf_trusted" in shown)) continue;
    seen.push(shown);
  }
  return seen;
}
