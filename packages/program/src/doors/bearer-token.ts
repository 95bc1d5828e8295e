/**
 * The token that a request shows: `Authorization: Bearer …`, or the password of `Basic …`, which is
 * how a browser shows one that a person types. null where it shows none.
 */
export function tokenOf(
  authorization: string | undefined,
  { basic }: { /** Whether Basic counts too. */ readonly basic: boolean },
): string | null {
  const [, scheme = "", value = ""] = /^(Bearer|Basic) ([\x21-\x7e]{1,512})$/i.exec(authorization ?? "") ?? [];
  if (scheme.toLowerCase() === "bearer") return value;
  if (scheme.toLowerCase() !== "basic" || !basic) return null;
  const text = Buffer.from(value, "base64").toString("utf8");
  const at = text.indexOf(":");
  const password = at < 0 ? "" : text.slice(at + 1);
  return password === "" ? null : password;
}
