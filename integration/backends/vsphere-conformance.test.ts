import { buildVcsim } from "#integration/rigs/vcsim.js";
import { holdToThePort } from "../adapters/conformance.js";
import { vsphereBackend } from "./vsphere-backend.js";

beforeAll(() => buildVcsim(), 600_000);

holdToThePort(vsphereBackend);
