import type { Failure } from "../wire/failure.js";
import { noSuchMethod, unsupportedVersion } from "../wire/rpc-failures.js";
import { isCompatible, parseVersion, type RpcVersion } from "../wire/version.js";
import type { Endpoint, RpcMethod, RpcMethodBody } from "./endpoint.js";

/** A method that was found, ready to run. */
export interface Found {
  readonly run: RpcMethodBody;
  readonly idempotent: boolean;
}

interface Prepared {
  readonly namespace: string | undefined;
  readonly version: RpcVersion;
  readonly methods: ReadonlyMap<string, Found>;
}

/** Finds the method that a request names, as wire §5.5 says: endpoints in order, first those that fit, then those that have it. */
export class Dispatcher {
  readonly #endpoints: readonly Prepared[];

  /** @throws RangeError for an endpoint whose version is not `major.minor`. */
  constructor(endpoints: readonly Endpoint[]) {
    this.#endpoints = endpoints.map(prepare);
  }

  /** The method, or the failure that tells the caller why there is none. */
  find(method: string, namespace: string | undefined, version: string): Found | Failure {
    const requested = parseVersion(version);
    let fits = false;
    for (const endpoint of this.#endpoints) {
      if (endpoint.namespace !== namespace) continue;
      if (requested === undefined || !isCompatible(endpoint.version, requested)) continue;
      fits = true;
      const found = endpoint.methods.get(method);
      if (found !== undefined) return found;
    }
    return fits ? noSuchMethod(method) : unsupportedVersion(version, method);
  }
}

function prepare({ namespace, version, methods }: Endpoint): Prepared {
  const parsed = parseVersion(version);
  if (parsed === undefined) throw new RangeError(`endpoint version must be major.minor, not ${version}`);
  const callable = [...methods].filter(([name]) => !name.startsWith("_"));
  return { namespace, version: parsed, methods: new Map(callable.map(([name, method]) => [name, found(method)])) };
}

function found(method: RpcMethod): Found {
  return typeof method === "function" ? { run: method, idempotent: false } : { run: method.run, idempotent: true };
}
