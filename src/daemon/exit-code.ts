/** How the process ends, as sysexits.h has it where it has a number. */
export const ExitCode = {
  /** Stopped in order. */
  OK: 0,
  /** Something failed that another start may get over. */
  FAILED: 1,
  /** EX_TEMPFAIL: another service has the catalog. */
  CATALOG_LOCKED: 75,
  /** EX_CONFIG: the configuration cannot be used; another start changes nothing. */
  CONFIG: 78,
} as const;
