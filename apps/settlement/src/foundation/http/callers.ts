import { Inject, Injectable } from "@nestjs/common";
import { assertOwnForm, isReading, type PageRequest } from "./own-pages.ts";
import { Problem } from "./problem.ts";
import { Sessions, type Session } from "./sessions.ts";
import { type Actor, type TokenRequest, Tokens, unauthenticated } from "./tokens.ts";

/** A request of which it is asked who makes it. */
export type CallerRequest = TokenRequest & PageRequest;

/** Who makes a call at administration's door. */
export interface Caller {
  /** Everybody whose credential the request shows; there is at least one. */
  readonly actors: readonly Actor[];
  /** The browser's session; null where a token came. */
  readonly session: Session | null;
}

/** A request shows a token, which counts, or the cookie of a session. */
@Injectable()
export class Callers {
  constructor(
    @Inject(Tokens) private readonly tokens: Tokens,
    @Inject(Sessions) private readonly sessions: Sessions,
  ) {}

  /** Asked before a body is read and again behind it: each request is looked up once. */
  private readonly asked = new WeakMap<CallerRequest, Promise<Caller>>();

  /** Throws Problem UNAUTHENTICATED, WRONG_TOKENS, FORM_TOKEN. */
  async of(request: CallerRequest): Promise<Caller> {
    const caller = await this.known(request);
    if (caller.session !== null && !isReading(request.method)) assertOwnForm(request, caller.session.formToken);
    return caller;
  }

  /** Who shows a credential, whatever page sent it. Throws Problem UNAUTHENTICATED, WRONG_TOKENS. */
  async known(request: CallerRequest): Promise<Caller> {
    const before = this.asked.get(request);
    if (before !== undefined) return await before;
    const found = this.find(request);
    this.asked.set(request, found);
    return await found;
  }

  private async find(request: CallerRequest): Promise<Caller> {
    if (request.headers["authorization"] !== undefined)
      return { actors: await this.tokens.actorsOf(request), session: null };
    const session = await this.sessions.of(request);
    if (session === null) {
      const detail = "Send Authorization: Bearer and a token, or sign in with a browser.";
      throw isScript(request) ? new Problem("UNAUTHENTICATED", detail) : unauthenticated(detail);
    }
    return { actors: [session.actor], session };
  }
}

/** What a page's script asks for must not make its browser ask for a password. */
function isScript({ headers }: CallerRequest): boolean {
  const mode = headers["sec-fetch-mode"];
  return mode !== undefined && mode !== "navigate";
}
