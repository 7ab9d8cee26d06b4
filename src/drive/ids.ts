/** Gives a new UUID (RFC 9562), lower case. Passed in, so that a test can foretell it. */
export type NewId = () => string;
