import { Controller, Get, Header, Inject, Param, Post, Req, Res } from "@nestjs/common";
import { ApiExcludeController } from "@nestjs/swagger";
import { CLOCK, type Clock } from "../../foundation/clock.ts";
import { CONFIG, type Config } from "../../foundation/config/config.ts";
import { DATABASE, type Database } from "../../foundation/database/database.ts";
import { isSecret } from "../../foundation/http/cookies.ts";
import type { ArrivedRequest } from "../../foundation/http/doors.ts";
import { isFromOwnPage, type PageRequest } from "../../foundation/http/own-pages.ts";
import { Problem } from "../../foundation/http/problem.ts";
import { CallSession, ForBrowsers, Page, RequireRight, SIGN_IN_PATH } from "../../foundation/http/roles.ts";
import { type Session, Sessions } from "../../foundation/http/sessions.ts";
import { endSession, spentLink, useLink } from "./begin-session.ts";
import { BrowserSessions, type CookieReply } from "./browser-sessions.ts";
import { deadLinkPage, linkPage, signInPage, signOutPage } from "./sign-in-pages.ts";

const HTML = "text/html; charset=utf-8";
/** Where a link leads. */
const NEXT_PATH = "/sign-in/passkey/new";

/** The part of Fastify's reply that signs a browser in. */
interface Reply extends CookieReply {
  redirect(path: string, status: number): unknown;
  status(code: number): Reply;
  send(body: string): unknown;
}

/** The way in and out for people: pages and forms, which work without scripts. */
@ApiExcludeController()
@Controller()
export class SignInController {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(DATABASE) private readonly db: Database,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(Sessions) private readonly sessions: Sessions,
    @Inject(BrowserSessions) private readonly browsers: BrowserSessions,
  ) {}

  @Get("sign-in")
  @ForBrowsers()
  @Header("content-type", HTML)
  @Header("cache-control", "no-store")
  signInPage(): string {
    return signInPage(this.config.signIn.provider !== undefined);
  }

  @Get("sign-in/:secret")
  @ForBrowsers()
  @Header("content-type", HTML)
  @Header("cache-control", "no-store")
  async linkPage(@Param("secret") secret: string, @Res({ passthrough: true }) reply: Reply): Promise<string> {
    const isSpent = isSecret(secret) && (await spentLink(this.db, secret, this.clock.now())) !== null;
    if (isSpent) reply.status(410);
    return isSpent ? deadLinkPage() : linkPage();
  }

  /**
   * A second press of the button finds the link used: the browser that has the session of the first
   * goes on with it. Throws Problem FORM_TOKEN, WRONG_TOKENS.
   */
  @Post("sign-in/:secret")
  @ForBrowsers()
  async byLink(
    @Param("secret") secret: string,
    @Req() request: ArrivedRequest & PageRequest,
    @Res() reply: Reply,
  ): Promise<void> {
    if (!isFromOwnPage(request)) throw new Problem("FORM_TOKEN", "Open the link itself, and sign in there.");
    const { lastsMs } = this.browsers;
    const begun = isSecret(secret) ? await useLink(this.db, { secret, lastsMs, now: this.clock.now() }) : null;
    if (begun === null && (await this.hasSessionOf(secret, request))) {
      reply.redirect(NEXT_PATH, 303);
      return;
    }
    if (begun === null) {
      this.sessions.refuseWrong(request);
      reply.status(401).header("content-type", HTML).send(deadLinkPage());
      return;
    }
    this.browsers.letIn(begun, "link", reply).redirect(NEXT_PATH, 303);
  }

  /** Whether a request comes with the session that this link began. */
  private async hasSessionOf(secret: string, request: ArrivedRequest): Promise<boolean> {
    const spent = isSecret(secret) ? await spentLink(this.db, secret, this.clock.now()) : null;
    if (spent === null || spent.session === null) return false;
    return (await this.sessions.of(request))?.id === spent.session;
  }

  @Get("sign-out")
  @Page()
  @RequireRight("self")
  @Header("content-type", HTML)
  @Header("cache-control", "no-store")
  signOutPage(@CallSession() session: Session | null): string {
    return session === null ? signInPage() : signOutPage({ name: session.actor.name, formToken: session.formToken });
  }

  /** Throws Problem FORM_TOKEN. */
  @Post("sign-out")
  @RequireRight("self")
  async signOut(@CallSession() session: Session | null, @Res() reply: Reply): Promise<void> {
    if (session !== null) await endSession(this.db, session.id, this.clock.now());
    this.browsers.letOut(reply).redirect(SIGN_IN_PATH, 303);
  }
}
