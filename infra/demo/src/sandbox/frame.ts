import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import { freePort } from "@tallystick/stack";
import { isOwnDoor } from "./door.ts";
import { FRAME_DEADLINE_MS } from "./limits.ts";

/** What a gateway says against being shown in a frame, and what it says of connections. */
const notPassedOn = new Set(["x-frame-options", "connection", "keep-alive", "transfer-encoding"]);

/** A gateway's own policy with the one change that lets the sandbox's page, and no other, show it in a frame. */
export function framedPolicy(policy: string, page: string): string {
  const directives = policy
    .split(";")
    .map((directive) => directive.trim())
    .filter((directive) => directive !== "" && !directive.startsWith("frame-ancestors"));
  return [...directives, `frame-ancestors ${page}`].join("; ");
}

function carry(target: URL, page: () => string, incoming: IncomingMessage, outgoing: ServerResponse): void {
  const own = `${target.protocol}//${target.host}`;
  const headers = { ...incoming.headers, host: target.host };
  if (headers.origin !== undefined) headers.origin = own;
  if (headers.referer !== undefined) headers.referer = `${own}/`;
  const asked = request(
    { host: target.hostname, port: target.port, method: incoming.method, path: incoming.url, headers },
    (answer) => {
      const passed = Object.entries(answer.headers).filter(([name]) => !notPassedOn.has(name));
      const policy = answer.headers["content-security-policy"];
      outgoing.writeHead(answer.statusCode ?? 502, {
        ...Object.fromEntries(passed),
        ...(typeof policy === "string" ? { "content-security-policy": framedPolicy(policy, page()) } : {}),
      });
      answer.pipe(outgoing);
    },
  );
  asked.setTimeout(FRAME_DEADLINE_MS, () => {
    if (!outgoing.headersSent) asked.destroy();
  });
  asked.on("error", () => {
    if (outgoing.headersSent) outgoing.destroy();
    else outgoing.writeHead(502, { "content-type": "text/plain" }).end("The terminal does not answer at the moment.\n");
  });
  outgoing.on("close", () => asked.destroy());
  incoming.pipe(asked);
}

/**
 * Serves a gateway's page once more at an address of its own, in which the sandbox's page may show it. The gateway
 * itself is never told to let itself be framed.
 * @param page the sandbox's own origins, which may frame it
 */
export async function startFrame(gatewayUrl: string, page: () => string): Promise<string> {
  const target = new URL(gatewayUrl);
  const port = await freePort();
  const server = createServer((incoming, outgoing) => {
    if (isOwnDoor(incoming.headers, port)) carry(target, page, incoming, outgoing);
    else outgoing.writeHead(403, { "content-type": "text/plain" }).end("Open it from the sandbox's page.\n");
  });
  await new Promise<void>((resolve, reject) => {
    server.on("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
  return `http://localhost:${port}`;
}
