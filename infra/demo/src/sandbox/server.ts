import { readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { fileURLToPath } from "node:url";
import type { Received } from "./settlement/alarms.ts";
import { isOwnDoor, ownHosts } from "./door.ts";
import { MAX_BODY_BYTES } from "./limits.ts";
import { SandboxError, type SandboxErrorCode } from "./sandbox-error.ts";

/** What the page asks for: an action by its name, with what it is done to; settlement's alarms are signed as they came. */
export type Action = (body: Readonly<Record<string, unknown>>, received: Received) => Promise<void>;

const files: Readonly<Record<string, readonly [file: string, type: string]>> = {
  "/": ["index.html", "text/html; charset=utf-8"],
  "/sandbox.css": ["sandbox.css", "text/css; charset=utf-8"],
  "/sandbox.js": ["sandbox.js", "text/javascript; charset=utf-8"],
  "/texts.js": ["texts.js", "text/javascript; charset=utf-8"],
  "/limits.mjs": ["limits.mjs", "text/javascript; charset=utf-8"],
};

const statuses: Readonly<Record<SandboxErrorCode, number>> = {
  ...{ NOT_A_DEVELOPMENT_CHAIN: 409, MALFORMED_REQUEST: 400, NOT_THIS_PAGE: 403, NOT_FOUND: 404 },
  ...{ CARD_UNKNOWN: 404, TERMINAL_UNKNOWN: 404, CARD_ON_READER: 409, TOO_MANY_COPIES: 409, SETTLEMENT_DOWN: 409 },
};

interface ReadBody {
  readonly body: Readonly<Record<string, unknown>>;
  readonly text: string;
}

async function readBody(incoming: IncomingMessage): Promise<ReadBody> {
  if (incoming.headers["content-type"] !== "application/json")
    throw new SandboxError("MALFORMED_REQUEST", "Send application/json.");
  let text = "";
  for await (const chunk of incoming.setEncoding("utf8")) {
    text += String(chunk);
    if (text.length > MAX_BODY_BYTES) throw new SandboxError("MALFORMED_REQUEST", "The request is too large.");
  }
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null) return { body: value as ReadBody["body"], text };
  } catch {
    // Told below, as anything else that is no object.
  }
  throw new SandboxError("MALFORMED_REQUEST", "Send one JSON object.");
}

/** The page is served with no source but its own, and the terminals in frames. */
function policyOf(frames: readonly string[]): string {
  return `default-src 'self'; img-src 'self' data:; frame-src ${frames.join(" ")}; frame-ancestors 'none'; base-uri 'none'; form-action 'none'`;
}

function sendJson(outgoing: ServerResponse, status: number, value: unknown): void {
  outgoing.writeHead(status, { "content-type": "application/json", "cache-control": "no-store" });
  outgoing.end(JSON.stringify(value));
}

/** The sandbox's own small server: its page, its state, and its actions, for this machine's browser alone. */
export async function startServer(options: {
  readonly port: number;
  readonly state: () => unknown;
  readonly actions: Readonly<Record<string, Action>>;
  readonly frames: () => readonly string[];
}): Promise<{ readonly url: string; readonly origins: string; readonly stop: () => void }> {
  const { port } = options;
  // One after the other: a reader has one card, and a switch one position.
  let line: Promise<unknown> = Promise.resolve();
  const answer = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    if (!isOwnDoor(incoming.headers, port))
      throw new SandboxError("NOT_THIS_PAGE", "The sandbox answers its own page alone.");
    const path = (incoming.url ?? "/").split("?")[0] ?? "/";
    if (incoming.method === "GET" && path === "/state") return sendJson(outgoing, 200, options.state());
    const file = Object.hasOwn(files, path) ? files[path] : undefined;
    if (incoming.method === "GET" && file !== undefined) {
      const [name, type] = file;
      outgoing.writeHead(200, {
        ...{ "content-type": type, "cache-control": "no-cache" },
        ...{ "content-security-policy": policyOf(options.frames()), "x-content-type-options": "nosniff" },
      });
      outgoing.end(readFileSync(fileURLToPath(new URL(`../../page/${name}`, import.meta.url))));
      return;
    }
    const name = path.slice(1);
    const action = Object.hasOwn(options.actions, name) ? options.actions[name] : undefined;
    if (incoming.method !== "POST" || action === undefined)
      throw new SandboxError("NOT_FOUND", "There is nothing here; open the sandbox's page.");
    const { body, text } = await readBody(incoming);
    const done = line.then(async () => await action(body, { headers: incoming.headers, text }));
    line = done.catch(() => undefined);
    await done;
    sendJson(outgoing, 200, options.state());
  };
  const server = createServer((incoming, outgoing) => {
    answer(incoming, outgoing).catch((error: unknown) => {
      const told = error instanceof SandboxError;
      const code = told ? error.code : "FAILED";
      const message = error instanceof Error ? error.message : String(error);
      if (!outgoing.headersSent) sendJson(outgoing, told ? statuses[error.code] : 500, { code, message });
      else outgoing.destroy();
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.on("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
  return {
    url: `http://localhost:${port}`,
    origins: ownHosts(port)
      .map((host) => `http://${host}`)
      .join(" "),
    stop: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
