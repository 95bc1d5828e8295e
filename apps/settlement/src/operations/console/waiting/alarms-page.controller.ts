import { Body, Controller, Get, Inject, Param, Post, Res, UseFilters } from "@nestjs/common";
import { ApiExcludeController } from "@nestjs/swagger";
import { reasonText } from "@tallystick/protocol/wire";
import { z } from "zod";
import { CallActor, CallSession, Page, RequireRight, type Actor } from "../../../foundation/http/roles.ts";
import type { Session } from "../../../foundation/http/sessions.ts";
import { mayDo } from "../../../foundation/rights.ts";
import { AlarmAcknowledgements } from "../../alarms/alarm-acknowledgements.ts";
import { type FormReply } from "../forms/form-parts.ts";
import { Frames } from "../frames.ts";
import { ConsolePage } from "../page-headers.ts";
import { PageProblems } from "../page-problems.tsx";
import { AlarmsPage } from "../pages/waiting/alarms.tsx";
import { AlarmReader } from "../read/waiting/alarms.ts";
import { documentOf } from "../view/frame.tsx";

/** Who acknowledges is who is signed in; a field that was left empty says nothing. */
const acknowledgementSchema = z.strictObject({ reason: z.union([z.literal(""), reasonText]).default("") });

/** Alarms on the console. */
@ApiExcludeController()
@RequireRight("read")
@Page()
@UseFilters(PageProblems)
@Controller("console/alarms")
export class AlarmsPageController {
  constructor(
    @Inject(AlarmReader) private readonly alarms: AlarmReader,
    @Inject(AlarmAcknowledgements) private readonly acknowledgements: AlarmAcknowledgements,
    @Inject(Frames) private readonly frames: Frames,
  ) {}

  @Get()
  @ConsolePage()
  async list(@CallActor() actor: Actor, @CallSession() session: Session | null): Promise<string> {
    const mayAcknowledge = mayDo(actor.role, "alarms");
    return documentOf(
      AlarmsPage({ frame: this.frames.of(actor, session), alarms: await this.alarms.read(), mayAcknowledge }),
    );
  }

  @Post(":id/acknowledgement")
  @RequireRight("alarms")
  async acknowledge(
    @Param("id") id: string,
    @Body({ schema: acknowledgementSchema }) { reason }: z.infer<typeof acknowledgementSchema>,
    @CallActor() actor: Actor,
    @Res() reply: FormReply,
  ): Promise<void> {
    await this.acknowledgements.acknowledge(id, actor, reason === "" ? null : reason);
    reply.redirect("/console/alarms", 303);
  }
}
