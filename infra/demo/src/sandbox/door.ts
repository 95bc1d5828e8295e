import type { IncomingHttpHeaders } from "node:http";

/** The names by which this machine's browser reaches a port of ours. */
export function ownHosts(port: number): readonly string[] {
  return [`localhost:${port}`, `127.0.0.1:${port}`];
}

/** Whether a request names this machine, and comes from a page of this very server or from no page at all. */
export function isOwnDoor(headers: IncomingHttpHeaders, port: number): boolean {
  const hosts = ownHosts(port);
  const { host, origin } = headers;
  if (host === undefined || !hosts.includes(host)) return false;
  return origin === undefined || hosts.some((own) => origin === `http://${own}`);
}
