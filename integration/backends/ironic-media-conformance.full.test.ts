import { holdToThePort } from "../adapters/conformance.js";
import { ironicMediaBackend } from "./ironic-media-backend.js";

// In full alone: a BMC takes its time to switch a machine on or off. The short form has ironic-media.test.ts.
holdToThePort(ironicMediaBackend);
