import type { Call } from "#drive/use-cases.js";
import type { Subject } from "../subject.js";

/** Who calls, as a door knows it: what OpenStack calls the credentials of a request context. */
export interface Caller {
  readonly userId: string;
  /** Empty: none. */
  readonly projectId: string;
  readonly roles: readonly string[];
  /** What the context says; OpenStack's services set it from their own policy. */
  readonly isAdmin: boolean;
  /** `all` for a token of the whole system; empty otherwise. */
  readonly systemScope: string;
  /** The roles of a service that calls on behalf of the user. */
  readonly serviceRoles: readonly string[];
}

/** A call with who makes it: what a door hands on. */
export interface CallerCall extends Call {
  readonly caller: Caller;
  /** Told what the call is about, as soon as that is known, and again when there is more of it. */
  readonly about?: (subject: Subject) => void;
}

/** Whoever reaches the gRPC door on its own machine: those who may open its socket. */
export function operator(projectId: string): Caller {
  const roles = ["admin", "manager", "member", "reader"];
  return { userId: "operator", projectId, roles, isAdmin: true, systemScope: "all", serviceRoles: [] };
}

/** The attributes that a rule can ask for, by the names of an oslo.context. */
export const ATTRIBUTES = {
  user_id: (caller) => caller.userId,
  project_id: (caller) => caller.projectId,
  is_admin: (caller) => (caller.isAdmin ? "True" : "False"),
  system_scope: (caller) => caller.systemScope,
  roles: (caller) => caller.roles,
  service_roles: (caller) => caller.serviceRoles,
} as const satisfies Record<string, (caller: Caller) => string | readonly string[]>;
