import type { Wait } from "#drive/hypervisor.js";
import type { AgentMethod, AgentMethods } from "../methods.js";

/** Carries out one method. Throws `Refusal`. */
export type Handler<Method extends AgentMethod> = (
  request: AgentMethods[Method]["request"],
  wait: Wait,
) => Promise<AgentMethods[Method]["response"]>;

/** Every method with its handler. */
export type Handlers = { readonly [Method in AgentMethod]: Handler<Method> };
