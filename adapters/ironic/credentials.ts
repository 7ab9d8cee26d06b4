import { Refusal } from "#drive/refusal.js";
import { abortable } from "../abortable.js";
import { Unreachable } from "../http-exchange.js";

/** Tokens of Keystone's, for the service itself. */
export interface TokenSource {
  /** One that is valid now. */
  get(): Promise<string>;
  /** This one is no longer taken. */
  forget(token: string): void;
}

/** Who calls: nobody (`auth_strategy = noauth`), a user with a password (`http_basic`), or whoever a token of Keystone's is. */
export type Credentials =
  | { readonly kind: "none" }
  | { readonly kind: "basic"; readonly user: string; readonly password: { reveal(): string } }
  | { readonly kind: "keystone"; readonly tokens: TokenSource };

/** What a request says of its caller. */
export interface Authorization {
  readonly headers: Readonly<Record<string, string>>;
  /** Forgets what was refused; unset where nothing else could be shown. */
  readonly forget?: () => void;
}

/** Makes a request's headers. Throws Unreachable where Keystone gives no token, and the signal's reason. */
export async function authorize(credentials: Credentials, signal: AbortSignal): Promise<Authorization> {
  if (credentials.kind === "none") return { headers: {} };
  if (credentials.kind === "basic") {
    const { user, password } = credentials;
    const pair = Buffer.from(`${user}:${password.reveal()}`, "utf8").toString("base64");
    return { headers: { authorization: `Basic ${pair}` } };
  }
  const { tokens } = credentials;
  const token = await abortable(tokens.get(), signal).catch((error: unknown) => {
    throw error instanceof Refusal ? new Unreachable(error.message, { cause: error }) : error;
  });
  return { headers: { "x-auth-token": token }, forget: () => tokens.forget(token) };
}
