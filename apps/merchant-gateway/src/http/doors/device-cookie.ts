import { COOKIE_SECONDS } from "../../doors/limits.ts";

const PLAIN = "tallystick-device";
/** A name that browsers take by TLS alone, for this host alone. */
const SECURE = "__Host-tallystick-device";

/** The cookie by which a paired browser is known: no script reads it, and no other site has it sent. */
export function deviceCookie(key: string, isSecure: boolean): string {
  const name = isSecure ? SECURE : PLAIN;
  return `${name}=${key}; Path=/; Max-Age=${COOKIE_SECONDS}; HttpOnly; SameSite=Strict${isSecure ? "; Secure" : ""}`;
}

/** The key in a header `Cookie`; null where it has none. */
export function keyOfCookie(header: string): string | null {
  const values = new Map(
    header.split(";").map((part): [string, string] => {
      const at = part.indexOf("=");
      return at < 0 ? ["", ""] : [part.slice(0, at).trim(), part.slice(at + 1).trim()];
    }),
  );
  return values.get(SECURE) ?? values.get(PLAIN) ?? null;
}
