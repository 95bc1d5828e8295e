import { type Agent, request as httpRequest, type IncomingMessage } from "node:http";
import { once } from "node:events";
import { toHex } from "@tallystick/protocol";
import { invite } from "../../../src/operations/people/people.ts";
import type { TestService } from "../settlement-harness.ts";

/** What came back, whatever it is. */
export interface BrowserAnswer {
  readonly status: number;
  readonly headers: IncomingMessage["headers"];
  readonly text: string;
  /** The stable code where it is a problem. */
  readonly code: string | undefined;
}

/**
 * A call with any headers, also those that fetch chooses itself; over a connection of its own, or
 * over those of an agent.
 */
export async function ask(
  url: string,
  method: string,
  headers: Record<string, string> = {},
  { body = "", agent = false }: { readonly body?: string; readonly agent?: Agent | false } = {},
): Promise<BrowserAnswer> {
  const sent = httpRequest(url, { method, headers, agent });
  sent.end(body);
  const [response] = (await once(sent, "response")) as [IncomingMessage];
  const chunks: Buffer[] = [];
  // A stream of events has no end.
  if (response.headers["content-type"]?.startsWith("text/event-stream") === true) response.destroy();
  else for await (const chunk of response as AsyncIterable<Buffer>) chunks.push(chunk);
  const text = Buffer.concat(chunks).toString("utf8");
  const isJson = String(response.headers["content-type"]).includes("json");
  const { code } = isJson ? (JSON.parse(text) as { readonly code?: string }) : { code: undefined };
  return { status: response.statusCode ?? 0, headers: response.headers, text, code };
}

/** A browser of one person: it keeps its cookie, and says of every request which page it comes from. */
export class TestBrowser {
  private readonly origin: string;
  /** The cookie's value; null where it has none. */
  cookie: string | null = null;

  constructor(origin: string) {
    this.origin = origin;
  }

  async get(path: string, headers: Record<string, string> = {}): Promise<BrowserAnswer> {
    return await this.send("GET", path, headers);
  }

  /** Sends a form, or JSON where `body` is an object, from a page of the service itself. */
  async post(
    path: string,
    body: Readonly<Record<string, string>> | { readonly json: object } = {},
    headers: Record<string, string> = {},
  ): Promise<BrowserAnswer> {
    const isJson = "json" in body;
    const text = isJson ? JSON.stringify(body.json) : new URLSearchParams(body).toString();
    const type = isJson ? "application/json" : "application/x-www-form-urlencoded";
    const own = { origin: this.origin, "sec-fetch-site": "same-origin" };
    return await this.send("POST", path, { "content-type": type, ...own, ...headers }, text);
  }

  /** The form token of the session that it has, as every page with a form shows it. */
  async formToken(): Promise<string> {
    const { text } = await this.get("/sign-out");
    return /name="formToken" value="([^"]+)"/.exec(text)?.[1] ?? "";
  }

  private async send(
    method: string,
    path: string,
    headers: Record<string, string>,
    body?: string,
  ): Promise<BrowserAnswer> {
    const cookie = this.cookie === null ? {} : { cookie: `tallystick=${this.cookie}` };
    const answer = await ask(
      `${this.origin}${path}`,
      method,
      { ...cookie, ...headers },
      body === undefined ? {} : { body },
    );
    const set = answer.headers["set-cookie"]?.find((each) => each.startsWith("tallystick="));
    const value = /^tallystick=([^;]*)/.exec(set ?? "")?.[1];
    if (value !== undefined) this.cookie = value === "" ? null : value;
    return answer;
  }
}

/** A browser of a merchant that has signed in, for one payee. */
export async function merchantBrowser({ platform, doors }: TestService, payee: Uint8Array): Promise<TestBrowser> {
  const name = `m-${toHex(payee).slice(2, 12)}`;
  const { secret } = await invite(platform.db, { name, role: "merchant", payee, by: "ada", now: Date.now() });
  const browser = new TestBrowser(doors.administration);
  await browser.post(`/sign-in/${secret}`);
  return browser;
}
