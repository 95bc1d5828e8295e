import { createHash } from "node:crypto";
import { PROVIDER_COOKIE_SECONDS, SECRET_CHARACTERS } from "../people/limits.ts";

/** The name of the cookie that a session is known by. */
export const SESSION_COOKIE = "tallystick";

const PROVIDER_COOKIE = "tallystick-provider";

const SECRET = new RegExp(`^[\\w-]{${SECRET_CHARACTERS}}$`);

/** Whether a text may be a secret of a person: its form alone. */
export function isSecret(text: string): boolean {
  return SECRET.test(text);
}

/** The session's secret in a header `Cookie`; null where it has none, no right one, or several. */
export function sessionSecret(header: unknown): string | null {
  return secretIn(header, SESSION_COOKIE);
}

/** The secret of a browser that is away at the identity provider; likewise. */
export function providerSecret(header: unknown): string | null {
  return secretIn(header, PROVIDER_COOKIE);
}

/** `Set-Cookie` for such a browser: the provider's page sends it back, so it comes along from there. */
export function providerCookie(secret: string, secure: boolean): string {
  const age = PROVIDER_COOKIE_SECONDS;
  return `${PROVIDER_COOKIE}=${secret}; Path=/sign-in/provider; Max-Age=${age}; HttpOnly; SameSite=Lax${secure ? "; Secure" : ""}`;
}

function secretIn(header: unknown, name: string): string | null {
  if (typeof header !== "string") return null;
  const values = header
    .split(";")
    .map((part) => part.trim())
    .filter((part) => part.startsWith(`${name}=`))
    .map((part) => part.slice(name.length + 1));
  const [value = ""] = values;
  return values.length === 1 && isSecret(value) ? value : null;
}

/** `Set-Cookie` for a session, or for its end where the secret is null. No other site's page can send it along. */
export function sessionCookie(
  secret: string | null,
  { seconds, secure }: { readonly seconds: number; readonly secure: boolean },
): string {
  const age = secret === null ? 0 : seconds;
  return `${SESSION_COOKIE}=${secret ?? ""}; Path=/; Max-Age=${age}; HttpOnly; SameSite=Strict${secure ? "; Secure" : ""}`;
}

/**
 * What every form of a session's pages sends as `formToken`, and every script as `Tallystick-Form`:
 * it follows from the cookie, which no page can read, and tells nothing about it.
 */
export function formTokenOf(secret: string): string {
  return createHash("sha256").update("tallystick form ").update(secret).digest("base64url");
}
