import { Body, Controller, Inject, Param, Post, Res, UseFilters } from "@nestjs/common";
import { ApiExcludeController } from "@nestjs/swagger";
import { pathAddress, pathTerminalId } from "../../../foundation/http/path-values.ts";
import { Problem } from "../../../foundation/http/problem.ts";
import { CallActor, Page, RequireRight, type Actor } from "../../../foundation/http/roles.ts";
import { FirstUnits } from "../../../issuing/joining/first-units.ts";
import { Withdrawals } from "../../../issuing/merchants/withdrawals.ts";
import { Payouts } from "../../../issuing/payouts/payouts.ts";
import { CardLimits } from "../../../issuing/policy/card-limits.ts";
import { Replacements } from "../../../issuing/replacements/replacements.ts";
import { type FormReply, type Reason, reasonSchema } from "./form-parts.ts";
import { PageProblems } from "../page-problems.tsx";

/** What is done about one card, merchant or terminal: the same services as the API's calls, and back to the page. */
@ApiExcludeController()
@Page()
@UseFilters(PageProblems)
@Controller("console")
export class PartyFormsController {
  constructor(
    @Inject(CardLimits) private readonly limits: CardLimits,
    @Inject(Withdrawals) private readonly withdrawals: Withdrawals,
    @Inject(Payouts) private readonly payouts: Payouts,
    @Inject(FirstUnits) private readonly units: FirstUnits,
    @Inject(Replacements) private readonly replacements: Replacements,
  ) {}

  @RequireRight("suspensions")
  @Post("cards/:card/suspension")
  async suspend(
    @Param("card") card: string,
    @Body({ schema: reasonSchema }) { reason }: Reason,
    @CallActor() actor: Actor,
    @Res() reply: FormReply,
  ): Promise<void> {
    await this.limits.suspend(pathAddress(card), reason, actor);
    reply.redirect(`/console/cards/${card}`, 303);
  }

  @RequireRight("suspensions")
  @Post("cards/:card/release")
  async release(
    @Param("card") card: string,
    @Body({ schema: reasonSchema }) { reason }: Reason,
    @CallActor() actor: Actor,
    @Res() reply: FormReply,
  ): Promise<void> {
    await this.limits.release(pathAddress(card), reason, actor);
    reply.redirect(`/console/cards/${card}`, 303);
  }

  /** What needs a second person waits among the approvals, and is shown there. */
  @RequireRight("cards")
  @Post("cards/:card/rest")
  async askForRest(
    @Param("card") card: string,
    @Body({ schema: reasonSchema }) { reason }: Reason,
    @CallActor() actor: Actor,
    @Res() reply: FormReply,
  ): Promise<void> {
    const { restState } = await this.replacements.askForRest(pathAddress(card), reason, actor);
    reply.redirect(restState === "waiting" ? "/console/approvals" : `/console/cards/${card}`, 303);
  }

  /** From now on. */
  @RequireRight("withdrawals")
  @Post("merchants/:payee/terminals/:terminalId/withdrawal")
  async withdraw(
    @Param("payee") payee: string,
    @Param("terminalId") terminalId: string,
    @Body({ schema: reasonSchema }) { reason }: Reason,
    @CallActor() actor: Actor,
    @Res() reply: FormReply,
  ): Promise<void> {
    const terminal = { payee: pathAddress(payee), terminalId: pathTerminalId(terminalId) };
    await this.withdrawals.withdraw({ terminal, from: null, reason }, actor);
    reply.redirect(`/console/merchants/${payee}#t-${terminalId}`, 303);
  }

  @RequireRight("certificates")
  @Post("merchants/:payee/confirmation")
  async confirm(
    @Param("payee") payee: string,
    @Body({ schema: reasonSchema }) { reason }: Reason,
    @CallActor() actor: Actor,
    @Res() reply: FormReply,
  ): Promise<void> {
    await this.units.confirmBy(actor, pathAddress(payee), reason);
    reply.redirect(`/console/merchants/${payee}`, 303);
  }

  /** What needs a second person waits among the approvals, and is shown there; what waited already says so. */
  @RequireRight("payouts")
  @Post("merchants/:payee/payout")
  async payOut(
    @Param("payee") payee: string,
    @Body({ schema: reasonSchema }) { reason }: Reason,
    @CallActor() actor: Actor,
    @Res() reply: FormReply,
  ): Promise<void> {
    try {
      await this.payouts.plan({ payee: pathAddress(payee), reason }, actor);
    } catch (error) {
      if (!(error instanceof Problem) || error.code !== "SECOND_PERSON_NEEDED") throw error;
      if (error.members["waitsSince"] !== undefined) throw error;
      reply.redirect("/console/approvals", 303);
      return;
    }
    reply.redirect(`/console/merchants/${payee}`, 303);
  }
}
