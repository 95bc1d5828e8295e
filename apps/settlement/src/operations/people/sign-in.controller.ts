import { Controller, Get, Header, Inject, Param, Post, Req, Res } from "@nestjs/common";
import { ApiExcludeController } from "@nestjs/swagger";
import { CLOCK, type Clock } from "../../foundation/clock.ts";
import { DATABASE, type Database } from "../../foundation/database/database.ts";
import { isSecret } from "../../foundation/http/cookies.ts";
import type { ArrivedRequest } from "../../foundation/http/doors.ts";
import { isFromOwnPage, type PageRequest } from "../../foundation/http/own-pages.ts";
import { Problem } from "../../foundation/http/problem.ts";
import { CallSession, ForBrowsers, Page, RequireRight, SIGN_IN_PATH } from "../../foundation/http/roles.ts";
import { type Session, Sessions } from "../../foundation/http/sessions.ts";
import { endSession, useLink } from "./begin-session.ts";
import { BrowserSessions, type CookieReply } from "./browser-sessions.ts";
import { deadLinkPage, linkPage, signInPage, signOutPage } from "./sign-in-pages.ts";

const HTML = "text/html; charset=utf-8";

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
    return signInPage();
  }

  @Get("sign-in/:secret")
  @ForBrowsers()
  @Header("content-type", HTML)
  @Header("cache-control", "no-store")
  linkPage(): string {
    return linkPage();
  }

  /** Throws Problem FORM_TOKEN, WRONG_TOKENS. */
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
    if (begun === null) {
      this.sessions.refuseWrong(request);
      reply.status(401).header("content-type", HTML).send(deadLinkPage());
      return;
    }
    this.browsers.letIn(begun, "link", reply).redirect("/sign-in/passkey/new", 303);
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
