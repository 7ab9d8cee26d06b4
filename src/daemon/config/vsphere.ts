import { randomUUID } from "node:crypto";
import type { VsphereOptions } from "#adapters/vsphere/adapter.js";
import { needed } from "./needed.js";
import type { Config } from "./options.js";

/** The vCenter that is configured. @throws ConfigError for options that say too little of it */
export function vsphereSettings(config: Config): VsphereOptions {
  const given = <T>(value: T | undefined, name: string): T =>
    needed(value, `[vsphere] ${name}`, "[drives] hypervisor = vsphere");
  return {
    host: given(config.vsphereHost, "host"),
    port: config.vspherePort,
    user: given(config.vsphereUser, "user"),
    password: given(config.vspherePassword, "password"),
    datacenter: given(config.vsphereDatacenter, "datacenter"),
    datastore: given(config.vsphereDatastore, "datastore"),
    ...(config.vsphereCaFile === undefined ? {} : { caFile: config.vsphereCaFile }),
    ...(config.vsphereThumbprint === undefined ? {} : { thumbprint: config.vsphereThumbprint }),
    newId: randomUUID,
    answerMs: config.vsphereAnswerMs,
    taskMs: config.vsphereTaskMs,
  };
}
