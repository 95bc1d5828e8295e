import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { Body, Controller, Get, Header, HttpCode, Inject, Post, Req, Res } from "@nestjs/common";
import { ApiExcludeController } from "@nestjs/swagger";
import type { AuthenticationResponseJSON } from "@simplewebauthn/server";
import type { ArrivedRequest } from "../../../foundation/http/doors.ts";
import { isFromOwnPage, type PageRequest } from "../../../foundation/http/own-pages.ts";
import { Problem } from "../../../foundation/http/problem.ts";
import { CallSession, ForBrowsers, Page, RequireRight } from "../../../foundation/http/roles.ts";
import { type Session, Sessions } from "../../../foundation/http/sessions.ts";
import { BrowserSessions, type CookieReply, homeOf } from "../browser-sessions.ts";
import { passkeyPage, signInPage } from "../sign-in-pages.ts";
import { noPasskeysPage } from "./passkey-list-page.ts";
import { passkeyScript } from "./passkey-script.ts";
import { authenticationSchema, type NewPasskey, registrationSchema } from "./passkey-requests.ts";
import { ofBrowser, type PasskeyPlace, Passkeys } from "./passkeys.ts";

/** The library's part for browsers, as it is published. */
const library = new URL("../dist/bundle/index.umd.min.js", `file://${resolvedLibrary()}`);

const SCRIPT = "text/javascript; charset=utf-8";

/** Passkeys: what pages and their scripts ask. */
@ApiExcludeController()
@Controller("sign-in/passkey")
export class PasskeysController {
  private bundle: string | null = null;

  constructor(
    @Inject(Passkeys) private readonly passkeys: Passkeys,
    @Inject(Sessions) private readonly sessions: Sessions,
    @Inject(BrowserSessions) private readonly browsers: BrowserSessions,
  ) {}

  @Get("library.js")
  @ForBrowsers()
  @Header("content-type", SCRIPT)
  library(): string {
    return (this.bundle ??= readFileSync(library, "utf8"));
  }

  @Get("script.js")
  @ForBrowsers()
  @Header("content-type", SCRIPT)
  script(): string {
    return passkeyScript;
  }

  @Post("options")
  @ForBrowsers()
  @HttpCode(200)
  async options(@Req() request: PageRequest): Promise<object> {
    assertOwnPage(request);
    return await this.passkeys.signInOptions();
  }

  /** Throws Problem UNAUTHENTICATED, and WRONG_TOKENS after many of them. */
  @Post()
  @ForBrowsers()
  @HttpCode(200)
  async signIn(
    @Body({ schema: authenticationSchema }) response: AuthenticationResponseJSON,
    @Req() request: ArrivedRequest & PageRequest,
    @Res({ passthrough: true }) reply: CookieReply,
  ): Promise<{ to: string }> {
    assertOwnPage(request);
    try {
      const begun = await this.passkeys.signIn(response, placeOf(request));
      this.browsers.letIn(begun, "passkey", reply);
      return { to: homeOf(begun.role) };
    } catch (error) {
      if (error instanceof Problem) this.sessions.refuseWrong(request);
      throw error;
    }
  }

  @Get("new")
  @Page()
  @RequireRight("self")
  @Header("content-type", "text/html; charset=utf-8")
  @Header("cache-control", "no-store")
  page(@CallSession() session: Session | null): string {
    if (session === null) return signInPage();
    const home = homeOf(session.actor.role);
    return session.provided ? noPasskeysPage({ name: session.actor.name, home }) : passkeyPage({ ...session, home });
  }

  @Post("new/options")
  @RequireRight("self")
  @HttpCode(200)
  async registrationOptions(@CallSession() session: Session | null): Promise<object> {
    return await this.passkeys.registrationOptions(ofBrowser(session));
  }

  @Post("new")
  @RequireRight("self")
  @HttpCode(200)
  async register(
    @CallSession() session: Session | null,
    @Body({ schema: registrationSchema }) made: NewPasskey,
    @Req() request: ArrivedRequest,
  ): Promise<{ to: string }> {
    const own = ofBrowser(session);
    await this.passkeys.register(own, made, placeOf(request));
    return { to: homeOf(own.actor.role) };
  }
}

function resolvedLibrary(): string {
  return createRequire(import.meta.url).resolve("@simplewebauthn/browser");
}

function assertOwnPage(request: PageRequest): void {
  if (!isFromOwnPage(request)) throw new Problem("FORM_TOKEN", "Only this service's own pages may send this.");
}

/** The door has compared the name with those that this service has. */
function placeOf({ headers }: ArrivedRequest): PasskeyPlace {
  const host = headers["host"];
  return { host: typeof host === "string" ? host : "" };
}
