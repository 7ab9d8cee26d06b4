/** What `configdrive-bridge/fake` exports. */
export { type Failing, type FakeOptions, FakeService } from "./fake-service.js";
export type { MachineModel } from "./machine-model.js";
export type { FakeSources } from "./sources.js";
