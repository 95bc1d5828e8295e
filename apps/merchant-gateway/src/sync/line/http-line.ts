import { Agent as HttpAgent, type ClientRequest, type IncomingMessage, request as requestHttp } from "node:http";
import { Agent as HttpsAgent, request as requestHttps } from "node:https";
import { systemTimer, type Timer } from "@tallystick/program";
import { MAX_SETTLEMENT_ANSWER_BYTES, SENT_CHUNK_BYTES } from "../../limits.ts";
import { LineError, lineErrorOf } from "./line-fault.ts";
import { ProgressDeadline } from "./progress-deadline.ts";

export interface LineRequest {
  readonly path: string;
  /** A GET where it is left out. */
  readonly body?: LineBody;
}

export interface LineBody {
  readonly mediaType: string;
  readonly bytes: Uint8Array;
}

/** What came back, by whomever. */
export interface LineAnswer {
  readonly status: number;
  /** Lower case, without parameters; empty where none was named. */
  readonly mediaType: string;
  readonly text: string;
}

/** One call over the network. Throws LineError. */
export type Line = (request: LineRequest) => Promise<LineAnswer>;

export interface LineOptions {
  /** The machine's when left out. */
  readonly timer?: Timer;
  /** Keeps connections; one with further trusted certificates, or another way to connect. */
  readonly agent?: HttpAgent;
}

/** A line to one server. Several calls use one connection while it holds. */
export function createLine(baseUrl: string, { timer = systemTimer, agent }: LineOptions = {}): Line {
  const isSecure = new URL(baseUrl).protocol === "https:";
  const kept = agent ?? (isSecure ? new HttpsAgent({ keepAlive: true }) : new HttpAgent({ keepAlive: true }));
  const open = (url: URL, options: object): ClientRequest =>
    (isSecure ? requestHttps : requestHttp)(url, { ...options, agent: kept });
  return async ({ path, body }) => {
    const call = () => new Call(open(new URL(`${baseUrl}${path}`), headOf(body)), timer).run(body);
    try {
      return await call();
    } catch (error) {
      // The server had closed a connection that was kept: that says nothing about the line.
      if (error instanceof StaleConnection) return await call();
      throw lineErrorOf(error);
    }
  };
}

/** A kept connection that its server closed at the moment it was used again. */
class StaleConnection extends Error {}

function headOf(body: LineBody | undefined): object {
  const accept = "application/json, application/problem+json";
  if (body === undefined) return { method: "GET", headers: { accept } };
  const { mediaType, bytes } = body;
  return { method: "POST", headers: { accept, "content-type": mediaType, "content-length": bytes.length } };
}

/** One request on its way. */
class Call {
  private readonly request: ClientRequest;
  private readonly deadline: ProgressDeadline;
  private expired: LineError | null = null;

  constructor(request: ClientRequest, timer: Timer) {
    this.request = request;
    this.deadline = new ProgressDeadline(timer, (error) => {
      this.expired = error;
      request.destroy(error);
    });
  }

  async run(body: LineBody | undefined): Promise<LineAnswer> {
    try {
      const answered = this.answer();
      void this.send(body);
      return await answered;
    } catch (error) {
      // An answer that is cut off by the deadline ends like one that breaks off.
      throw this.expired ?? error;
    } finally {
      this.deadline.end();
      // An answer may come before the whole body has left.
      if (!this.request.writableFinished) this.request.destroy();
    }
  }

  private async answer(): Promise<LineAnswer> {
    const { request, deadline } = this;
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      request.on("socket", (socket) => {
        // A kept connection has no more to make.
        if (!socket.connecting) return;
        for (const event of ["lookup", "connect", "secureConnect"] as const)
          socket.once(event, () => {
            deadline.moved();
          });
      });
      request.once("response", resolve);
      request.on("error", (error: Error & { readonly code?: string }) => {
        const isStale = request.reusedSocket && (error.code === "ECONNRESET" || error.code === "EPIPE");
        reject(isStale ? new StaleConnection() : error);
      });
    });
    deadline.moved();
    const chunks: Buffer[] = [];
    let length = 0;
    for await (const chunk of response as AsyncIterable<Buffer>) {
      deadline.moved();
      length += chunk.length;
      if (length > MAX_SETTLEMENT_ANSWER_BYTES)
        throw new LineError("LINE_OTHER_ANSWERED", `more than ${MAX_SETTLEMENT_ANSWER_BYTES} bytes`);
      chunks.push(chunk);
    }
    const [mediaType = ""] = (response.headers["content-type"] ?? "").split(";");
    return {
      status: response.statusCode ?? 0,
      mediaType: mediaType.trim().toLowerCase(),
      text: Buffer.concat(chunks).toString("utf8"),
    };
  }

  /** Hands the body over piece by piece, so that each piece that the system takes is seen to move. */
  private async send(body: LineBody | undefined): Promise<void> {
    const { request, deadline } = this;
    const { bytes } = body ?? { bytes: new Uint8Array(0) };
    for (let at = 0; at < bytes.length && !request.destroyed; at += SENT_CHUNK_BYTES) {
      const chunk = bytes.subarray(at, at + SENT_CHUNK_BYTES);
      // A fault reaches `answer`, which decides: the answer may be there although the sending failed.
      const fault = await new Promise<unknown>((resolve) => request.write(chunk, resolve));
      if (fault !== undefined && fault !== null) return;
      deadline.moved(chunk.length);
    }
    request.end();
  }
}
