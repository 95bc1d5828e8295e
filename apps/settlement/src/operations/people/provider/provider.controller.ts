import { randomBytes } from "node:crypto";
import { Controller, Get, Inject, Req, Res } from "@nestjs/common";
import { ApiExcludeController } from "@nestjs/swagger";
import { CONFIG, type Config } from "../../../foundation/config/config.ts";
import { isSecret, providerCookie, providerSecret } from "../../../foundation/http/cookies.ts";
import type { ArrivedRequest } from "../../../foundation/http/doors.ts";
import { Problem } from "../../../foundation/http/problem.ts";
import { ForBrowsers } from "../../../foundation/http/roles.ts";
import { SECRET_BYTES } from "../../../foundation/people/limits.ts";
import { BrowserSessions, type CookieReply, homeOf } from "../browser-sessions.ts";
import { arrivedPage } from "../sign-in-pages.ts";
import { ProviderSignIn } from "./provider-sign-in.ts";

/** The part of Fastify's reply that sends a browser to the provider, or answers a page. */
interface Reply extends CookieReply {
  redirect(path: string, status: number): unknown;
  send(body: string): unknown;
}

/** A request with its path. */
type UrlRequest = ArrivedRequest & { readonly url: string };

/** The way in by an identity provider. */
@ApiExcludeController()
@Controller("sign-in/provider")
export class ProviderController {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(ProviderSignIn) private readonly provider: ProviderSignIn,
    @Inject(BrowserSessions) private readonly browsers: BrowserSessions,
  ) {}

  @Get()
  @ForBrowsers()
  async begin(@Req() request: ArrivedRequest, @Res() reply: Reply): Promise<void> {
    const secret = randomBytes(SECRET_BYTES).toString("base64url");
    const origin = this.originOf(request);
    const url = await this.provider.begin(secret, origin);
    reply.header("set-cookie", providerCookie(secret, origin.startsWith("https:"))).redirect(url, 303);
  }

  @Get("callback")
  @ForBrowsers()
  async end(@Req() request: UrlRequest, @Res() reply: Reply): Promise<void> {
    const secret = providerSecret(request.headers["cookie"]);
    if (secret === null || !isSecret(secret))
      throw new Problem("UNAUTHENTICATED", "This browser has not begun to sign in here, or long ago; begin again.");
    const url = new URL(request.url, this.originOf(request));
    const begun = await this.provider.end(secret, url);
    // By a page: what another site caused to be loaded does not bring the session's cookie along.
    const html = arrivedPage(homeOf(begun.role));
    this.browsers.letIn(begun, "provider", reply).header("content-type", "text/html; charset=utf-8").send(html);
  }

  private originOf({ headers }: ArrivedRequest): string {
    const host = headers["host"];
    return this.config.signIn.origin ?? `http://${typeof host === "string" ? host : ""}`;
  }
}
