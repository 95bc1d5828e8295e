import { lookup } from "node:dns";
import { type ClientRequest, type IncomingMessage, request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import { isIP, type LookupFunction } from "node:net";
import { systemTimer, type Timer } from "../loops/timer.ts";
import { mayBeTold } from "./address-rules.ts";
import { WEBHOOK_TIMEOUT_MS } from "./limits.ts";

/** Why a message did not arrive. */
export type WebhookFaultCode =
  /** Nothing was answered in time. */
  | "WEBHOOK_HANGS"
  /** A redirection is not followed: the message would leave the endpoint that was configured. */
  | "WEBHOOK_REDIRECTED"
  /** A page came in place of a program's answer, as portals and error pages send them with any status. */
  | "WEBHOOK_ANSWERS_PAGE"
  | "WEBHOOK_REFUSED"
  | "WEBHOOK_ADDRESS_REFUSED"
  | "WEBHOOK_UNREACHABLE";

/** What came of one try. `gone`: the endpoint wants nothing any more (410). */
export type WebhookAnswer =
  | { readonly kind: "delivered"; readonly status: number }
  | { readonly kind: "gone"; readonly status: number }
  | { readonly kind: "failed"; readonly code: WebhookFaultCode; readonly status: number | null };

export interface WebhookPost {
  readonly url: string;
  /** Whether it may be in a private network. */
  readonly isPrivate: boolean;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly signal: AbortSignal;
}

/** Thrown by the look-up of a name whose addresses no message may go to. */
class AddressRefused extends Error {}

/**
 * Posts one message. The status and the kind of the answer decide; nothing else of it is read, however long it is.
 * Never rejects.
 */
export async function postWebhook(post: WebhookPost, timer: Timer = systemTimer): Promise<WebhookAnswer> {
  const { hostname } = new URL(post.url);
  const literal = hostname.replace(/^\[|\]$/g, "");
  // An address in the URL itself is not looked up.
  if (isIP(literal) !== 0 && !mayBeTold(literal, post.isPrivate)) return failed("WEBHOOK_ADDRESS_REFUSED");
  const request = open(post);
  let isLate = false;
  const callOff = timer.after(WEBHOOK_TIMEOUT_MS, () => {
    isLate = true;
    request.destroy(new Error("nothing was answered"));
  });
  try {
    const response = await answerTo(request, post.body);
    response.destroy();
    return judge(response);
  } catch (error) {
    if (isLate) return failed("WEBHOOK_HANGS");
    return failed(error instanceof AddressRefused ? "WEBHOOK_ADDRESS_REFUSED" : "WEBHOOK_UNREACHABLE");
  } finally {
    callOff();
    request.destroy();
  }
}

function open({ url, isPrivate, headers, body, signal }: WebhookPost): ClientRequest {
  const isSecure = url.startsWith("https:");
  return (isSecure ? requestHttps : requestHttp)(url, {
    method: "POST",
    headers: { ...headers, "content-type": "application/json", "content-length": Buffer.byteLength(body) },
    // No connection is kept: a message a minute needs none, and each is looked up anew.
    agent: false,
    lookup: guardedLookup(isPrivate),
    signal,
  });
}

async function answerTo(request: ClientRequest, body: string): Promise<IncomingMessage> {
  return await new Promise((resolve, reject) => {
    request.once("response", resolve);
    request.on("error", reject);
    request.end(body);
  });
}

function judge({ statusCode: status = 0, headers }: IncomingMessage): WebhookAnswer {
  if (status === 410) return { kind: "gone", status };
  if (status >= 300 && status < 400) return { kind: "failed", code: "WEBHOOK_REDIRECTED", status };
  if (status < 200 || status >= 300) return { kind: "failed", code: "WEBHOOK_REFUSED", status };
  const isPage = /^\s*(text\/html|application\/xhtml\+xml)/i.test(headers["content-type"] ?? "");
  return isPage ? { kind: "failed", code: "WEBHOOK_ANSWERS_PAGE", status } : { kind: "delivered", status };
}

function failed(code: WebhookFaultCode): WebhookAnswer {
  return { kind: "failed", code, status: null };
}

/** The connection goes to the address that was judged: no second look-up can name another one. */
function guardedLookup(isPrivate: boolean): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (fault, addresses) => {
      const [first] = addresses ?? [];
      const isRefused = fault === null && addresses.some(({ address }) => !mayBeTold(address, isPrivate));
      if (fault !== null || first === undefined || isRefused)
        callback(fault ?? new AddressRefused(`no message goes to an address of ${hostname}`), "", 0);
      else if (options.all === true) callback(null, addresses);
      else callback(null, first.address, first.family);
    });
  };
}
