import type { Call, DriveUseCases } from "#drive/use-cases.js";

/** Serves one unary method for both doors: a message that kept every limit in, a message out. Throws `Refusal`. */
export type Handler<Request, Response, On = DriveUseCases> = (
  on: On,
  request: Request,
  call: Call,
) => Promise<Response>;
