import type { Mutation } from "#drive/use-cases.js";

/** What every request to change something carries; what is not said is left out. */
export function mutationOf(request: {
  readonly requestId: string;
  readonly etag: string;
  readonly validateOnly: boolean;
}): Mutation {
  return {
    requestId: request.requestId,
    ...(request.etag === "" ? {} : { etag: request.etag }),
    ...(request.validateOnly ? { validateOnly: true } : {}),
  };
}
