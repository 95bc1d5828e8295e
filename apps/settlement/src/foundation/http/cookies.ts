import { createHash } from "node:crypto";
import { SECRET_CHARACTERS } from "../people/limits.ts";

/** The name of the cookie that a session is known by. */
export const SESSION_COOKIE = "tallystick";

const SECRET = new RegExp(`^[\\w-]{${SECRET_CHARACTERS}}$`);

/** Whether a text may be a secret of a person: its form alone. */
export function isSecret(text: string): boolean {
  return SECRET.test(text);
}

/** The session's secret in a header `Cookie`; null where it has none, no right one, or several. */
export function sessionSecret(header: unknown): string | null {
  if (typeof header !== "string") return null;
  const values = header
    .split(";")
    .map((part) => part.trim())
    .filter((part) => part.startsWith(`${SESSION_COOKIE}=`))
    .map((part) => part.slice(SESSION_COOKIE.length + 1));
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
