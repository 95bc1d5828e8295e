import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { doorFault } from "@tallystick/program";
import type { Door } from "@tallystick/program";
import type { BoxTls } from "../../doors/tls/box-tls.ts";

/** What the help page needs: where it listens, and where the terminal itself is. */
export interface HelpPageParts {
  readonly door: Door;
  readonly port: number;
  readonly tls: () => BoxTls;
  /** The terminal's own port. */
  readonly terminalPort: () => number;
}

const HEADERS = {
  "cache-control": "no-store",
  "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
};

/** The plain page: it explains how a device trusts the box, gives out the authority, and does nothing else. */
export async function serveHelpPage(parts: HelpPageParts): Promise<Server> {
  const server = createServer((request, response) => {
    answer(parts, request, response);
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(parts.port, parts.door.host, resolve);
  });
  return server;
}

function answer({ door, tls, terminalPort }: HelpPageParts, request: IncomingMessage, response: ServerResponse): void {
  const send = (status: number, type: string, body: string, more: Record<string, string> = {}): void => {
    response.writeHead(status, { ...HEADERS, "content-type": type, ...more });
    response.end(request.method === "HEAD" ? "" : body);
  };
  const text = "text/plain; charset=utf-8";
  if (doorFault({ headers: request.headers, raw: { socket: request.socket } }, { ...door, proxies: [] }) !== null)
    return send(421, text, "This box does not have that name.\n");
  if (request.method !== "GET" && request.method !== "HEAD")
    return send(405, text, "Only GET.\n", { allow: "GET, HEAD" });
  switch (request.url) {
    case "/":
      return send(200, "text/html; charset=utf-8", page(tls(), terminalPort()));
    case "/tallystick-box.crt":
      return send(200, "application/x-x509-ca-cert", tls().authority, {
        "content-disposition": 'attachment; filename="tallystick-box.crt"',
      });
    default:
      return send(404, text, "There is no such thing.\n");
  }
}

/** Names and fingerprints come from the configuration and from this machine: none holds a character of HTML. */
function page({ names, authorityFingerprint }: BoxTls, port: number): string {
  const [name = ""] = names;
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Trust this box</title>
<style>body{font:1.1rem/1.5 system-ui,sans-serif;max-width:40rem;margin:2rem auto;padding:0 1rem}code{overflow-wrap:anywhere}</style>
<h1>Trust this box</h1>
<ol>
<li>Take the <a href="/tallystick-box.crt">certificate of this box</a>.</li>
<li>Install it on this device as a certificate authority (Android: Settings, Security, Install a certificate, CA;
iPad: Settings, Profile Downloaded, then General, About, Certificate Trust Settings).
It can vouch for this box alone: ${names.join(", ")}.</li>
<li>Compare its SHA-256 fingerprint with what <code>tallystick-gateway pair</code> shows at the box:<br>
<code>${authorityFingerprint}</code></li>
<li>Open <a href="https://${name}:${port}/">https://${name}:${port}/</a> and pair this device.</li>
</ol>
<p>This page does nothing else. Type no PIN and no code here.</p>
</html>
`;
}
