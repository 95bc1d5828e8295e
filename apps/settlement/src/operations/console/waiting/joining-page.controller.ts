import { Body, Controller, Get, Inject, Param, Post, Res, UseFilters } from "@nestjs/common";
import { ApiExcludeController } from "@nestjs/swagger";
import type { Asset } from "@tallystick/money";
import { fromHex } from "@tallystick/protocol";
import { z } from "zod";
import { CLOCK, type Clock } from "../../../foundation/clock.ts";
import { ASSET } from "../../../foundation/http/amounts.ts";
import { CallActor, CallSession, Page, RequireRight, type Actor } from "../../../foundation/http/roles.ts";
import type { Session } from "../../../foundation/http/sessions.ts";
import { LIMITS } from "../../../foundation/limits/limits.ts";
import { approvalTerms, withinRange } from "../../../issuing/joining/approval-terms.ts";
import { unknownRequest } from "../../../issuing/joining/certificate-requests.ts";
import { approvalSchema, reasonedSchema, type Reasoned } from "../../../issuing/joining/joining-wire.ts";
import { COUNT_CHARACTERS, DAYS_CHARACTERS, JOINING_DAYS } from "../../../issuing/joining/limits.ts";
import { RequestDecisions } from "../../../issuing/joining/request-decisions.ts";
import { requestId, typedDigits } from "../../../issuing/joining/typed-request.ts";
import { type FormReply } from "../forms/form-parts.ts";
import { Frames } from "../frames.ts";
import { ConsolePage } from "../page-headers.ts";
import { PageProblems } from "../page-problems.tsx";
import { JoiningPage } from "../pages/waiting/joining.tsx";
import { documentOf } from "../view/frame.tsx";

/** A whole number as a form sends it. */
const typedNumber = (characters: number) =>
  z.string().max(characters).regex(/^\d+$/, "is a whole number").transform(Number);

/** The form of an approval: the call's fields, and for how many days from now instead of two times. */
const formSchema = approvalSchema.omit({ notBefore: true, notAfter: true }).extend({
  days: typedNumber(DAYS_CHARACTERS).pipe(z.int().min(1).max(JOINING_DAYS)),
  unsentCount: typedNumber(COUNT_CHARACTERS),
});

/** Terminals that ask for their first certificate: the command `joining` on the console, and as its calls allow. */
@ApiExcludeController()
@RequireRight("certificates")
@Page()
@UseFilters(PageProblems)
@Controller("console/joining")
export class JoiningPageController {
  constructor(
    @Inject(RequestDecisions) private readonly decisions: RequestDecisions,
    @Inject(Frames) private readonly frames: Frames,
    @Inject(ASSET) private readonly asset: Asset,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  @Get()
  @ConsolePage()
  async list(@CallActor() actor: Actor, @CallSession() session: Session | null): Promise<string> {
    const { requests } = await this.decisions.list(null);
    return documentOf(JoiningPage({ frame: this.frames.of(actor, session), requests }));
  }

  /** The request is found by what was read at the terminal, never by what the list shows. */
  @Post("approval")
  async approve(
    @Body({ schema: formSchema }) { digits, payee, reason, days, ...given }: z.output<typeof formSchema>,
    @CallActor() actor: Actor,
    @Res() reply: FormReply,
  ): Promise<void> {
    const notBefore = Math.floor(this.clock.now() / 1_000);
    const terms = approvalTerms({ ...given, notBefore, notAfter: notBefore + days * LIMITS.daySeconds }, this.asset);
    const [found] = (await this.decisions.list(typedDigits(digits))).requests;
    if (found === undefined) throw unknownRequest();
    const approval = { read: { digits, payee }, given: terms, reason };
    await withinRange(this.decisions.approve(fromHex(found.id), approval, actor));
    reply.redirect("/console/joining", 303);
  }

  @Post(":id/refusal")
  async refuse(
    @Param("id") id: string,
    @Body({ schema: reasonedSchema }) { reason }: Reasoned,
    @CallActor() actor: Actor,
    @Res() reply: FormReply,
  ): Promise<void> {
    await this.decisions.refuse(requestId(id), reason, actor);
    reply.redirect("/console/joining", 303);
  }
}
