import type { Runner } from "./runner.js";

/** A service that runs instances on one kind of backend, and what the suite has to know of it. */
export interface Backend extends AsyncDisposable {
  readonly runner: Runner;
  /** Where guests call back. */
  readonly directory: string;
  /** The rigs' guest; with the disk that has cloud-init where it is asked for. */
  template(options?: { readonly cloudInit?: boolean }): Promise<string>;
  /** What would be refused, with the field that is at fault. */
  readonly badTemplates: readonly (readonly [template: string, field: string])[];
  /** One that can be read, and of which no instance can be made. */
  failingTemplate(): Promise<string>;
  /** The instances that the backend has, running or not, by id. */
  there(): Promise<readonly string[]>;
}
