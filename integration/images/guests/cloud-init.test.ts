import { writeFileSync } from "node:fs";
import { planFat } from "#image/fat/plan-fat.js";
import { planIso9660 } from "#image/iso9660/plan-iso9660.js";
import type { ImagePlan } from "#image/plan.js";
import { planBytes } from "#image/plan-bytes.js";
import { layOutNocloud } from "#layout/nocloud.js";
import { layOutOpenstack } from "#layout/openstack.js";
import { layOutOvf } from "#layout/ovf.js";
import type { LaidOut } from "#layout/result.js";
import { FULL } from "../form.js";
import { Workplace } from "../workplace.js";
import { CloudInitGuest, type Shown } from "./cloud-init-guest.js";

const TIME = new Date("2026-11-22T17:00:00Z");
const UUID = "83679162-1378-4288-a2d4-70e13ec132aa";
const KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ8 someone@example";
const USER_DATA = "#!/bin/sh\necho 'Gr\u00fc\u00dfe' > /run/greeting\n";

const openstack = layOutOpenstack({
  uuid: UUID,
  hostname: "vm1",
  user_data: USER_DATA,
  keys: [{ name: "mine", data: KEY }],
  files: [{ path: "/etc/motd", content: "welcome\n" }],
});
const nocloud = layOutNocloud({ instance_id: UUID, local_hostname: "vm1", public_keys: [KEY], user_data: USER_DATA });
const ovf = layOutOvf({ instance_id: UUID, hostname: "vm1", public_keys: [KEY], user_data: USER_DATA });

const iso = ({ tree, label }: LaidOut) => planIso9660(tree, { label, time: TIME });
const fat = ({ tree, label }: LaidOut, more: { partitioned?: boolean; sizeBytes?: number } = {}) =>
  planFat(tree, { label, time: TIME, serial: 1, ...more });

interface Case {
  readonly name: string;
  readonly plan: ImagePlan;
  readonly shown: Shown;
  readonly identified: string;
  readonly source: string;
}

const configDrive = {
  identified: "datasource_list: [ ConfigDrive, None ]",
  source: "DataSourceConfigDrive [net,ver=2][source=/dev/",
};
const noCloud = { identified: "datasource_list: [ NoCloud, None ]", source: "DataSourceNoCloud [seed=/dev/" };

const cases: Case[] = [
  {
    name: "openstack on a CD-ROM",
    plan: iso(openstack),
    shown: "cdrom",
    identified: configDrive.identified,
    source: `${configDrive.source}sr0]`,
  },
  {
    name: "openstack on a FAT disk",
    plan: fat(openstack),
    shown: "disk",
    identified: configDrive.identified,
    source: `${configDrive.source}sda]`,
  },
  {
    name: "nocloud on a CD-ROM",
    plan: iso(nocloud),
    shown: "cdrom",
    identified: noCloud.identified,
    source: `${noCloud.source}sr0][dsmode=net]`,
  },
  {
    name: "ovf on a CD-ROM",
    plan: iso(ovf),
    shown: "cdrom",
    identified: "datasource_list: [ OVF, None ]",
    source: "DataSourceOVF [seed=iso]",
  },
];
const further: Case[] = [
  {
    name: "openstack on an ISO 9660 disk",
    plan: iso(openstack),
    shown: "disk",
    identified: configDrive.identified,
    source: `${configDrive.source}sda]`,
  },
  {
    name: "openstack on a FAT disk as large as nova's",
    plan: fat(openstack, { sizeBytes: 64 << 20 }),
    shown: "disk",
    identified: configDrive.identified,
    source: `${configDrive.source}sda]`,
  },
  {
    name: "openstack in a partition",
    plan: fat(openstack, { partitioned: true }),
    shown: "disk",
    identified: configDrive.identified,
    source: `${configDrive.source}sda1]`,
  },
  {
    name: "nocloud on a FAT disk",
    plan: fat(nocloud),
    shown: "disk",
    identified: noCloud.identified,
    source: `${noCloud.source}sda][dsmode=net]`,
  },
];

const work = new Workplace();
let guest: CloudInitGuest;
beforeAll(async () => {
  guest = await CloudInitGuest.start();
}, 300_000);
afterAll(async () => {
  await guest?.[Symbol.asyncDispose]();
  work[Symbol.dispose]();
});

test.each(FULL ? [...cases, ...further] : cases)(
  "cloud-init finds and reads $name",
  async ({ name, plan, shown, identified, source }) => {
    const image = work.path(`${name}.img`);
    writeFileSync(image, planBytes(plan));
    const seen = await guest.observe(image, shown);
    expect(seen.identified).toBe(identified);
    expect(seen.source).toBe(source);
    expect(seen.instanceId).toBe(UUID);
    expect(seen.userData.toString()).toBe(USER_DATA);
    expect(seen.publicKeys).toEqual([KEY]);
    expect(seen.hostname).toBe("vm1");
    if (source.startsWith("DataSourceConfigDrive")) expect(await guest.file("/etc/motd")).toBe("welcome\n");
  },
  200_000,
);
