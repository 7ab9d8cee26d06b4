import { createHash } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { type FileTree, fromBytes } from "#image/tree.js";

/** Bytes that no reader could guess and every run has alike. */
function bytesOf(name: string, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  const seed = createHash("sha512").update(name).digest();
  for (let at = 0; at < length; at += seed.length) seed.copy(bytes, at, 0, Math.min(seed.length, length - at));
  return bytes;
}

function treeOf(files: readonly (readonly [path: string, bytes: Buffer])[]): FileTree {
  return { files: files.map(([path, bytes]) => ({ path, data: fromBytes(bytes) })) };
}

/** A config-2 drive as nova Zed fills it: 47 files in 16 directories; the user data stands in it twelve times. */
export function novaTree(): FileTree {
  const userData = bytesOf("user data", 2400);
  const network = bytesOf("network", 900);
  const files: (readonly [string, Buffer])[] = [];
  for (const version of ["2009-04-04", "latest"]) {
    files.push([`ec2/${version}/meta-data.json`, bytesOf(`ec2 ${version}`, 1000)]);
    files.push([`ec2/${version}/user-data`, Buffer.from(userData)]);
  }
  const versions =
    "2012-08-10 2013-04-04 2013-10-17 2015-10-15 2016-06-30 2016-10-06 2017-02-22 2018-08-27 2020-10-14 latest";
  for (const [i, version] of versions.split(" ").entries()) {
    files.push([`openstack/${version}/meta_data.json`, bytesOf(version, 1300 + 90 * i)]);
    files.push([`openstack/${version}/user_data`, Buffer.from(userData)]);
    if (i >= 2) files.push([`openstack/${version}/vendor_data.json`, Buffer.from("{}")]);
    if (i >= 3) files.push([`openstack/${version}/network_data.json`, Buffer.from(network)]);
    if (i >= 5) files.push([`openstack/${version}/vendor_data2.json`, Buffer.from('{"static": {}}')]);
  }
  for (let i = 0; i < 3; i++) files.push([`openstack/content/000${i}`, bytesOf(`content ${i}`, 500 + 400 * i)]);
  return treeOf(files);
}

/** One file of 64 MiB. */
export function largeTree(): FileTree {
  return treeOf([["openstack/content/0000", bytesOf("large", 64 << 20)]]);
}

/** 10,000 files of about 1 KiB in 100 directories. */
export function manyTree(): FileTree {
  return treeOf(
    Array.from({ length: 10_000 }, (_, i) => {
      const path = `directory-${String(Math.floor(i / 100)).padStart(2, "0")}/file-${String(i).padStart(5, "0")}.json`;
      return [path, bytesOf(path, 520 + ((i * 7919) % 1000))] as const;
    }),
  );
}

/** The same tree on disk, for the rivals that read one. */
export function writeTree(tree: FileTree, directory: string): void {
  for (const { path, data } of tree.files) {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), data.bytes ?? new Uint8Array());
  }
}
