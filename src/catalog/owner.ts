/** The process that has a catalog open. */
export interface Owner {
  readonly pid: number;
  readonly host: string;
  readonly since: string;
}
