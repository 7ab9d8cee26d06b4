/** What of ours is on a host, by the catalog. */
export interface HostTally {
  /** Drives that instances there have, shall have, or are letting go. */
  readonly drives: number;
  /** Instances there that a service runs. */
  readonly instances: number;
}

/**
 * Which hosts were declared lost, remembered beside the drives for every service on the catalog: the rules of `Catalog` hold here
 * too. Refusals: CATALOG_FAILED on every method.
 */
export interface HostCatalog {
  /** The hosts that are declared lost, by name. */
  lost(): Promise<readonly string[]>;
  /** Declares a host lost from a time on; one that is already stays as it is. */
  declareLost(host: string, at: Date): Promise<void>;
  /** Takes that back; a host that is not lost is a success. */
  declareFound(host: string): Promise<void>;
  tally(host: string): Promise<HostTally>;
}
