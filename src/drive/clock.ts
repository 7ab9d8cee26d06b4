/** Gives the time now. Passed in, so that a test can set it and an image never depends on a hidden clock. */
export type Clock = () => Date;
