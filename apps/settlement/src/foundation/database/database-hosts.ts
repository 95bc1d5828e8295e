/**
 * A URL as libpq writes one for several hosts: `postgres://user@one:5432,two:5432/database`
 * (PostgreSQL, "Connection URIs"). node-postgres knows one host only.
 */
const SEVERAL_HOSTS = /^(?<before>postgres(?:ql)?:\/\/(?:[^@/?#]*@)?)(?<hosts>[^/?#]+)(?<after>.*)$/;

/** One URL for each host of a URL, in the order in which they stand. */
export function urlsOfHosts(url: string): readonly string[] {
  const parts = SEVERAL_HOSTS.exec(url)?.groups;
  if (parts === undefined) return [url];
  const { before = "", hosts = "", after = "" } = parts;
  return hosts.split(",").map((host) => `${before}${host}${after}`);
}

/**
 * The hosts of one database, of which one is the primary. New sessions are opened at the host that
 * worked last; one that fails or only reads is left for the next one, in a circle.
 */
export class DatabaseHosts {
  private readonly urls: readonly string[];
  private index = 0;

  constructor(url: string) {
    this.urls = urlsOfHosts(url);
  }

  /** True where there is another host to go to. */
  get areSeveral(): boolean {
    return this.urls.length > 1;
  }

  /** The URL at which the next session is opened. */
  get current(): string {
    const url = this.urls[this.index];
    if (url === undefined) throw new Error("A database has at least one host.");
    return url;
  }

  /** Leaves a host that failed; several sessions that fail there at once leave it once. */
  leave(url: string): void {
    if (url === this.current) this.index = (this.index + 1) % this.urls.length;
  }
}
