import { defaultLimits, type Limits } from "#drive/limits.js";
import { AddressPolicy } from "#source/address-policy.js";
import type { SourceSettings } from "#source/sources.js";
import { ConfigError } from "./config/config-error.js";
import type { Config } from "./config/options.js";

/** The wait before a place is asked a second time; each further one is twice as long. */
const FIRST_WAIT_MS = 200;

/** Every address: what the operator configured is the operator's choice. */
const ANYWHERE = [
  { address: "0.0.0.0", prefix: 0 },
  { address: "::", prefix: 0 },
];

/** Where content may come from. @throws ConfigError where options that go together are not all given */
export function sourceSettings(config: Config): SourceSettings {
  const patience = { attempts: config.sourceAttempts, firstWaitMs: FIRST_WAIT_MS, silenceMs: config.sourceSilenceMs };
  const http = {
    addresses: new AddressPolicy(config.sourceNetworks),
    plain: config.sourcePlainHttp,
    redirects: config.sourceRedirects,
    ...patience,
  };
  return {
    http,
    fileFolders: config.sourceFolders,
    ...s3(config, patience),
    ...swift(config, { ...http, addresses: new AddressPolicy(ANYWHERE), plain: true }),
  };
}

function s3(
  { s3Region, s3Endpoint, s3PathStyle, s3AccessKey, s3SecretKey }: Config,
  patience: { attempts: number; firstWaitMs: number; silenceMs: number },
): Pick<SourceSettings, "s3"> {
  if ((s3AccessKey === undefined) !== (s3SecretKey === undefined)) {
    throw new ConfigError(["[s3] access_key and secret_key go together"]);
  }
  if (s3Region === undefined) {
    if (s3Endpoint === undefined && s3AccessKey === undefined) return {};
    throw new ConfigError(["[s3] region: must be given with the other options of [s3]"]);
  }
  const credentials =
    s3AccessKey === undefined || s3SecretKey === undefined
      ? {}
      : { credentials: { accessKeyId: s3AccessKey, secretAccessKey: s3SecretKey } };
  const endpoint = s3Endpoint === undefined ? {} : { endpoint: s3Endpoint };
  return { s3: { region: s3Region, pathStyle: s3PathStyle, ...endpoint, ...credentials, ...patience } };
}

function swift(
  { swiftAuthUrl, swiftUser, swiftKey, swiftStorageUrl }: Config,
  http: SourceSettings["http"],
): Pick<SourceSettings, "swift"> {
  if (swiftAuthUrl === undefined && swiftUser === undefined && swiftKey === undefined) return {};
  if (swiftAuthUrl === undefined || swiftUser === undefined || swiftKey === undefined) {
    throw new ConfigError(["[swift] auth_url, user and key go together"]);
  }
  const storage = swiftStorageUrl === undefined ? {} : { storageUrl: swiftStorageUrl };
  return { swift: { account: { authUrl: swiftAuthUrl, user: swiftUser, key: swiftKey, ...storage }, http } };
}

/** How much the service takes. */
export function limitsOf(config: Config): Limits {
  return {
    ...defaultLimits,
    contentBytes: config.limitContentBytes,
    volumeBytes: config.limitVolumeBytes,
    files: config.limitFiles,
    instances: config.limitInstances,
    pathBytes: config.limitPathBytes,
    nameBytes: config.limitNameBytes,
    drivesPerProject: config.limitDrivesPerProject,
    operationMs: config.limitOperationMs,
    fetchMs: config.limitFetchMs,
    uploadMs: config.limitUploadMs,
    failedDriveMs: config.limitFailedDriveMs,
    unattachedDriveMs: config.limitUnattachedDriveMs,
    requestMs: config.limitRequestMs,
    changeMs: config.limitChangeMs,
  };
}
