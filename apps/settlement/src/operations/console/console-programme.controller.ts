import { Controller, Get, Inject, Query, UseFilters } from "@nestjs/common";
import { ApiExcludeController } from "@nestjs/swagger";
import { CallActor, CallSession, Page, RequireRight, type Actor } from "../../foundation/http/roles.ts";
import type { Session } from "../../foundation/http/sessions.ts";
import { Frames } from "./frames.ts";
import { ConsolePage } from "./page-headers.ts";
import { PageProblems } from "./page-problems.tsx";
import { FloatPage } from "./pages/programme/float.tsx";
import { OrdersPage } from "./pages/programme/orders.tsx";
import { ProgrammeReader } from "./read/programme.ts";
import { documentOf } from "./view/frame.tsx";

/** Pages of the programme: what is on cards in all, and what the issuing stations make. */
@ApiExcludeController()
@RequireRight("read")
@Page()
@UseFilters(PageProblems)
@Controller("console")
export class ConsoleProgrammeController {
  constructor(
    @Inject(ProgrammeReader) private readonly programme: ProgrammeReader,
    @Inject(Frames) private readonly frames: Frames,
  ) {}

  @Get("float")
  @ConsolePage()
  async float(@CallActor() actor: Actor, @CallSession() session: Session | null): Promise<string> {
    return documentOf(FloatPage({ frame: this.frames.of(actor, session), read: await this.programme.float() }));
  }

  @Get("orders")
  @ConsolePage()
  async orders(
    @Query("before") before: unknown,
    @CallActor() actor: Actor,
    @CallSession() session: Session | null,
  ): Promise<string> {
    const orders = await this.programme.orders(typeof before === "string" ? before : null);
    return documentOf(OrdersPage({ frame: this.frames.of(actor, session), orders }));
  }
}
