/** How Keystone is reached, and who we are there. */
export interface Login {
  /** Where Keystone is, with or without `/v3`. */
  readonly authUrl: string;
  readonly username: string;
  readonly password: string;
  readonly userDomainName: string;
  readonly projectName: string;
  readonly projectDomainName: string;
  /** Certificates of authorities to trust in place of the system's, in PEM. */
  readonly ca?: Buffer;
  /** Longest wait for an answer, in milliseconds. */
  readonly answerMs: number;
}

/** How others' tokens are asked about. */
export interface KeystoneSettings extends Login {
  /** How long an answer about a token is believed, in milliseconds: a token that is revoked is let in no longer than that. */
  readonly cacheMs: number;
  /** The roles of which a service has one that may vouch for a user whose token has expired. */
  readonly serviceRoles: readonly string[];
}
