/** Whether the suite runs in full; its short form is the default. */
export const FULL = process.env.FORM === "full";
