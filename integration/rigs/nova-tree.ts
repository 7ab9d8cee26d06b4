import { createHash, randomBytes } from "node:crypto";

/** One file as both doors take it, in the contract's own names: what it holds is text, or the same as another file. */
export interface AskedFile {
  readonly path: string;
  readonly text?: string;
  readonly same_as?: string;
}

export interface NovaInstance {
  readonly instanceId: string;
  readonly hostname: string;
  readonly userData: string;
}

/** The versions of the OpenStack metadata that nova Zed writes, oldest first (nova/api/metadata/base.py, OPENSTACK_VERSIONS). */
const versions = [
  "2012-08-10",
  "2013-04-04",
  "2013-10-17",
  "2015-10-15",
  "2016-06-30",
  "2016-10-06",
  "2017-02-22",
  "2018-08-27",
  "2020-10-14",
  "latest",
];

/** The files that came with a later version, and with which. */
const since = { vendorData: "2013-10-17", networkData: "2015-10-15", vendorData2: "2016-10-06" };

/**
 * The files of a config drive as nova Zed makes one for an instance with user data, a network template and two injected
 * files: 47 of them. The user data stands in twelve places, eleven of them named by `same_as`; each meta_data.json has a
 * random seed of its own.
 */
export function novaTree(instance: NovaInstance): AskedFile[] {
  const files: AskedFile[] = [];
  const userData = "openstack/latest/user_data";
  for (const version of versions) {
    const folder = `openstack/${version}`;
    const has = (first: string) => version === "latest" || version >= first;
    files.push({ path: `${folder}/meta_data.json`, text: JSON.stringify(metaData(instance)) });
    files.push(
      version === "latest"
        ? { path: userData, text: instance.userData }
        : { path: `${folder}/user_data`, same_as: userData },
    );
    if (has(since.vendorData)) files.push({ path: `${folder}/vendor_data.json`, text: "{}" });
    if (has(since.networkData)) files.push({ path: `${folder}/network_data.json`, text: JSON.stringify(networkData) });
    if (has(since.vendorData2)) files.push({ path: `${folder}/vendor_data2.json`, text: '{"static": {}}' });
  }
  for (const version of ["2009-04-04", "latest"]) {
    files.push({ path: `ec2/${version}/meta-data.json`, text: JSON.stringify(ec2(instance)) });
    files.push({ path: `ec2/${version}/user-data`, same_as: userData });
  }
  files.push({ path: "openstack/content/0000", text: "auto eth0\niface eth0 inet static\n    address 10.0.0.5\n" });
  files.push({ path: "openstack/content/0001", text: "Welcome.\n" });
  files.push({ path: "openstack/content/0002", text: "nameserver 10.0.0.2\n" });
  return files;
}

/** SHA-256 of every file by its path: what a guest must find. */
export function askedDigests(files: readonly AskedFile[]): Map<string, string> {
  const texts = new Map(files.map((file) => [file.path, file.text]));
  return new Map(
    files.map((file) => {
      const text = file.text ?? texts.get(file.same_as ?? "") ?? "";
      return [file.path, createHash("sha256").update(text).digest("hex")];
    }),
  );
}

/** Bytes of all files together, each place counted. */
export function askedBytes(files: readonly AskedFile[]): number {
  const texts = new Map(files.map((file) => [file.path, file.text]));
  return files.reduce((sum, file) => sum + Buffer.byteLength(file.text ?? texts.get(file.same_as ?? "") ?? ""), 0);
}

function metaData(instance: NovaInstance): object {
  return {
    uuid: instance.instanceId,
    name: instance.hostname,
    hostname: `${instance.hostname}.novalocal`,
    availability_zone: "nova",
    launch_index: 0,
    project_id: "6b5c1a0f2e7d4c55b1d1c6f4a3e2d190",
    meta: { role: "web", tier: "front" },
    public_keys: { admin: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJx0Zy3vT0bE4k5oP2mYy8h4W3aGd1n0Yp6s9QxKfR2L admin\n" },
    keys: [
      {
        name: "admin",
        type: "ssh",
        data: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJx0Zy3vT0bE4k5oP2mYy8h4W3aGd1n0Yp6s9QxKfR2L admin\n",
      },
    ],
    network_config: { name: "network_config", content_path: "/content/0000" },
    files: [
      { path: "/etc/motd", content_path: "/content/0001" },
      { path: "/etc/resolv.conf", content_path: "/content/0002" },
    ],
    devices: [],
    dedicated_cpus: [],
    random_seed: randomBytes(512).toString("base64"),
  };
}

const networkData = {
  links: [
    {
      id: "tap0a1b2c3d-4e",
      vif_id: "0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9",
      type: "ovs",
      mtu: 1450,
      ethernet_mac_address: "fa:16:3e:12:34:56",
    },
  ],
  networks: [
    {
      id: "network0",
      type: "ipv4",
      link: "tap0a1b2c3d-4e",
      ip_address: "10.0.0.5",
      netmask: "255.255.255.0",
      routes: [{ network: "0.0.0.0", netmask: "0.0.0.0", gateway: "10.0.0.1" }],
      network_id: "7f3d0c1b-5a49-4e86-9c2d-1b0a9f8e7d6c",
      services: [{ type: "dns", address: "10.0.0.2" }],
    },
  ],
  services: [{ type: "dns", address: "10.0.0.2" }],
};

function ec2(instance: NovaInstance): object {
  return {
    "ami-id": "ami-00000001",
    "ami-launch-index": 0,
    "block-device-mapping": { ami: "vda", root: "/dev/vda" },
    hostname: `${instance.hostname}.novalocal`,
    "instance-action": "none",
    "instance-id": "i-00000001",
    "instance-type": "m1.small",
    "local-hostname": `${instance.hostname}.novalocal`,
    "local-ipv4": "10.0.0.5",
    placement: { "availability-zone": "nova" },
    "public-hostname": `${instance.hostname}.novalocal`,
    "public-ipv4": "",
    "public-keys": { "0": { "openssh-key": "ssh-ed25519 AAAA admin\n" } },
    "reservation-id": "r-3kzw5c1d",
    "security-groups": ["default"],
  };
}
