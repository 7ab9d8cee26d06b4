import type { XdrReader, XdrWriter } from "./xdr.js";

/** The program of libvirt's remote protocol (remote_protocol.x) and the procedures of it that the adapter and its suite call. */
export const REMOTE_PROGRAM = 0x20008086;
export const REMOTE_VERSION = 1;

export const procedures = {
  connectOpen: 1,
  domainCreate: 9,
  domainCreateXml: 10,
  domainDefineXml: 11,
  domainDestroy: 12,
  domainGetXmlDesc: 14,
  domainLookupByName: 23,
  domainLookupByUuid: 24,
  domainResume: 28,
  domainShutdown: 33,
  domainSuspend: 34,
  authList: 66,
  storagePoolCreateXml: 76,
  storagePoolLookupByName: 84,
  storagePoolListVolumes: 92,
  storageVolCreateXml: 93,
  storageVolDelete: 94,
  storageVolLookupByName: 95,
  storageVolGetPath: 100,
  domainIsPersistent: 151,
  connectGetLibVersion: 157,
  domainAttachDeviceFlags: 160,
  storageVolUpload: 208,
  domainGetState: 212,
  connectListAllDomains: 273,
  domainEventRegister: 316,
  domainEventDeregister: 317,
  domainDetachDeviceAlias: 392,
} as const;

export type Procedure = keyof typeof procedures;

/** The message that tells of a device that is gone, for whoever registered for it. */
export const DEVICE_REMOVED_MESSAGE = 333;
/** VIR_DOMAIN_EVENT_ID_DEVICE_REMOVED: what is registered for. */
export const DEVICE_REMOVED_EVENT = 15;

/** remote_auth_type: what a daemon wants to know of its callers, by number. */
export const AUTH_NONE = 0;
export const AUTH_NAMES: readonly string[] = ["none", "sasl", "polkit"];

/** virDomainModificationImpact: what a change of devices, or a look at them, is about. */
export const AFFECT_LIVE = 1;
export const AFFECT_CONFIG = 2;
/** VIR_DOMAIN_XML_INACTIVE: the description that the next start will use. */
export const XML_INACTIVE = 2;

/** virErrorNumber: the codes that mean something to this adapter. */
export const errorCodes = {
  internalError: 1,
  noSupport: 3,
  operationFailed: 9,
  xmlError: 27,
  systemError: 38,
  noDomain: 42,
  noStoragePool: 49,
  noStorageVol: 50,
  authFailed: 45,
  operationInvalid: 55,
  configUnsupported: 67,
  operationTimeout: 68,
  operationUnsupported: 84,
  accessDenied: 88,
  storageVolExists: 90,
  deviceMissing: 99,
} as const;

/** A program of its own (virkeepaliveprotocol.x): either side asks with 1 and is answered with 2. */
export const KEEPALIVE_PROGRAM = 0x6b656570;
export const KEEPALIVE_VERSION = 1;
export const PING = 1;
export const PONG = 2;

/** VIR_NET_MESSAGE_STRING_MAX, in bytes. */
export const MAX_STRING_BYTES = 4_194_304;
/** VIR_NET_MESSAGE_LEGACY_PAYLOAD_MAX: what every libvirt takes in one message of a stream, in bytes. */
export const MAX_STREAM_BYTES = 262_120;
/** REMOTE_STORAGE_VOL_LIST_MAX. */
export const MAX_VOLUMES = 16_384;
const UUID_BYTES = 16;

/** remote_nonnull_domain: how calls name a domain. The id is -1 unless it runs. */
export interface DomainReference {
  readonly name: string;
  readonly uuid: Buffer;
  readonly id: number;
}

export function writeDomain(writer: XdrWriter, domain: DomainReference): XdrWriter {
  return writer.string(domain.name).fixedOpaque(domain.uuid).int(domain.id);
}

export function readDomain(reader: XdrReader): DomainReference {
  return { name: reader.string(MAX_STRING_BYTES), uuid: reader.fixedOpaque(UUID_BYTES), id: reader.int() };
}

/** The code and text of a virNetMessageError; what else it carries is of no use here. */
export function readError(reader: XdrReader): { code: number; message: string } {
  const code = reader.int();
  reader.int();
  const message = reader.optional((inner) => inner.string(MAX_STRING_BYTES)) ?? "no text";
  return { code, message };
}

/** The alias in a remote_domain_event_callback_device_removed_msg, with the domain it is about. */
export function readDeviceRemoved(reader: XdrReader): { domain: DomainReference; alias: string } {
  reader.int();
  return { domain: readDomain(reader), alias: reader.string(MAX_STRING_BYTES) };
}

/** remote_nonnull_storage_pool. */
export interface PoolReference {
  readonly name: string;
  readonly uuid: Buffer;
}

export function writePool(writer: XdrWriter, pool: PoolReference): XdrWriter {
  return writer.string(pool.name).fixedOpaque(pool.uuid);
}

export function readPool(reader: XdrReader): PoolReference {
  return { name: reader.string(MAX_STRING_BYTES), uuid: reader.fixedOpaque(UUID_BYTES) };
}

/** remote_nonnull_storage_vol: the pool's name, the volume's, and a key that libvirt gives it. */
export interface VolumeReference {
  readonly pool: string;
  readonly name: string;
  readonly key: string;
}

export function writeVolume(writer: XdrWriter, volume: VolumeReference): XdrWriter {
  return writer.string(volume.pool).string(volume.name).string(volume.key);
}

export function readVolume(reader: XdrReader): VolumeReference {
  const text = () => reader.string(MAX_STRING_BYTES);
  return { pool: text(), name: text(), key: text() };
}
