/** A URL as libpq takes it: scheme, user, hosts, database, parameters. */
const PARTS =
  /^(?<scheme>postgres(?:ql)?:\/\/)(?:(?<user>[^@/?#]*)@)?(?<hosts>[^/?#]*)(?:\/(?<name>[^?#]*))?(?<after>.*)$/;

interface UrlParts {
  readonly scheme: string;
  readonly user: string | null;
  readonly hosts: string;
  readonly name: string;
  readonly after: string;
}

function partsOf(url: string): UrlParts {
  const found = PARTS.exec(url)?.groups;
  if (found === undefined) throw new Error("databaseUrl is no URL of PostgreSQL.");
  const { scheme = "", user = null, hosts = "", name = "", after = "" } = found as Partial<Record<string, string>>;
  return { scheme, user, hosts, name, after };
}

/** The database that a URL names; that of the user where it names none, as libpq does. */
export function databaseNameOf(url: string): string {
  const { name, user } = partsOf(url);
  return decodeURIComponent(name === "" ? (user?.split(":")[0] ?? "") : name);
}

/** The same server, and another database of it. */
export function withDatabase(url: string, database: string): string {
  const { scheme, user, hosts, after } = partsOf(url);
  return `${scheme}${user === null ? "" : `${user}@`}${hosts}/${encodeURIComponent(database)}${after}`;
}

/**
 * The URL without its password, which belongs into the environment: other users of the machine see a
 * program's arguments.
 */
export function withoutPassword(url: string): { readonly url: string; readonly password: string | null } {
  const { scheme, user, hosts, name, after } = partsOf(url);
  const [login = "", ...rest] = user?.split(":") ?? [];
  const inUser = rest.length === 0 ? null : decodeURIComponent(rest.join(":"));
  const inQuery = /[?&]password=([^&#]*)/.exec(after)?.[1];
  const kept = after.replace(/([?&])password=[^&#]*(&?)/, (_all, mark: string, next: string) =>
    next === "" ? "" : mark,
  );
  return {
    url: `${scheme}${login === "" ? "" : `${login}@`}${hosts}/${name}${kept}`,
    password: inQuery === undefined ? inUser : decodeURIComponent(inQuery),
  };
}
