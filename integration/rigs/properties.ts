import fc from "fast-check";

/**
 * fast-check, for every test. What lands is tried on the same examples each time, so that a run's outcome says something of the change alone;
 * in full they are new ones in each run, and a failure names its seed.
 */
if (process.env.FORM !== "full") fc.configureGlobal({ seed: 20_261_123 });
export default fc;
