import { Body, Controller, Get, Header, Inject, Post, Res, UseFilters } from "@nestjs/common";
import { ApiExcludeController } from "@nestjs/swagger";
import { CallSession, Page, RequireRight } from "../../../foundation/http/roles.ts";
import type { Session } from "../../../foundation/http/sessions.ts";
import { PageProblems } from "../../console/page-problems.tsx";
import { homeOf } from "../browser-sessions.ts";
import { signInPage } from "../sign-in-pages.ts";
import { OwnPasskeys } from "./own-passkeys.ts";
import { noPasskeysPage, passkeyListPage } from "./passkey-list-page.ts";
import { type Removal, removalSchema } from "./passkey-requests.ts";
import { ofBrowser } from "./passkeys.ts";

/** The part of Fastify's reply that sends a browser elsewhere. */
interface Reply {
  redirect(path: string, status: number): unknown;
}

const LIST = "/sign-in/passkeys";

/** A person's own passkeys: a page and its forms, which work without scripts. */
@ApiExcludeController()
@Controller("sign-in/passkeys")
@RequireRight("self")
@UseFilters(PageProblems)
export class OwnPasskeysController {
  constructor(@Inject(OwnPasskeys) private readonly passkeys: OwnPasskeys) {}

  @Get()
  @Page()
  @Header("content-type", "text/html; charset=utf-8")
  @Header("cache-control", "no-store")
  async page(@CallSession() session: Session | null): Promise<string> {
    if (session === null) return signInPage();
    const { actor, formToken } = session;
    if (session.provided) return noPasskeysPage({ name: actor.name, home: homeOf(actor.role) });
    const passkeys = await this.passkeys.list(session);
    return passkeyListPage({ name: actor.name, formToken, home: homeOf(actor.role), passkeys });
  }

  /** Throws Problem FORM_TOKEN, FORBIDDEN, NOT_FOUND, LAST_PASSKEY. */
  @Post("removal")
  async remove(
    @CallSession() session: Session | null,
    @Body({ schema: removalSchema }) { id }: Removal,
    @Res() reply: Reply,
  ): Promise<void> {
    await this.passkeys.remove(ofBrowser(session), id);
    reply.redirect(LIST, 303);
  }
}
