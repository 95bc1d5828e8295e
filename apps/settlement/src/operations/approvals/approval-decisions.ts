import { Inject, Injectable } from "@nestjs/common";
import type { Asset } from "@tallystick/money";
import { type Approval, Approvals } from "../../books/approvals/approvals.ts";
import { CLOCK, type Clock } from "../../foundation/clock.ts";
import type { ApprovalKind } from "../../foundation/database/tables/approvals-table.ts";
import { ASSET, readAmount } from "../../foundation/http/amounts.ts";
import { pathUuid } from "../../foundation/http/path-values.ts";
import { Problem } from "../../foundation/http/problem.ts";
import type { Actor } from "../../foundation/http/roles.ts";
import { mayDo, type Right, ROLES_OF } from "../../foundation/rights.ts";
import { Fundings } from "../../issuing/cards/fundings.ts";
import { Payouts } from "../../issuing/payouts/payouts.ts";
import { WithheldPayments } from "../../vouchers/withheld/withheld-payments.ts";
import { approvalAnswer, type ApprovalAnswer, type ApprovalGiven } from "./approval-answers.ts";

/** Who may do a thing may approve it for another person. */
const RIGHT_OF: Readonly<Record<ApprovalKind, Right>> = {
  funding: "cards",
  payout: "payouts",
  "withheld-payment": "withheld",
};

/** An approval that is about to be acted on. */
interface Act {
  readonly asked: Approval;
  /** Units. */
  readonly seen: bigint;
  readonly reason: string;
  readonly actor: Actor;
}

/** What a second person does about what was asked for (spec §6.11), by the API or on the console. */
@Injectable()
export class ApprovalDecisions {
  constructor(
    @Inject(Approvals) private readonly approvals: Approvals,
    @Inject(Fundings) private readonly fundings: Fundings,
    @Inject(Payouts) private readonly payouts: Payouts,
    @Inject(WithheldPayments) private readonly payments: WithheldPayments,
    @Inject(ASSET) private readonly asset: Asset,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** What was asked for, the newest first. */
  async list(): Promise<readonly ApprovalAnswer[]> {
    return (await this.approvals.list()).map((row) => this.answer(row));
  }

  /**
   * Does what was asked for, once. Throws Problem as the thing itself does, what `refuse` throws, and SUM_GREW where more
   * would be done than was seen.
   */
  async approve(id: string, { reason, amount }: ApprovalGiven, actor: Actor): Promise<ApprovalAnswer> {
    const asked = await this.allowed(id, actor);
    const seen = amount === undefined ? asked.units : readAmount(amount, "amount", this.asset);
    await this.act({ asked, seen, reason, actor });
    return this.answer(await this.approvals.find(asked.id));
  }

  /**
   * Throws Problem NOT_FOUND, NAME_NEEDED, SECOND_PERSON_NEEDED, APPROVAL_OVER, and FORBIDDEN for a role that might not do
   * the thing itself.
   */
  async refuse(id: string, reason: string, actor: Actor): Promise<ApprovalAnswer> {
    const asked = await this.allowed(id, actor);
    return this.answer(await this.approvals.refuse(asked.id, reason, actor));
  }

  private async allowed(id: string, actor: Actor): Promise<Approval> {
    const asked = await this.approvals.find(pathUuid(id));
    const right = RIGHT_OF[asked.kind];
    if (mayDo(actor.role, right)) return asked;
    throw new Problem("FORBIDDEN", `This needs one of the roles ${ROLES_OF[right].join(", ")}.`);
  }

  private async act({ asked, seen, reason, actor }: Act): Promise<void> {
    const { id, kind, subject, units, request } = asked;
    // What a payout pays is known when it is planned; the other sums stay as they were asked for.
    if (kind !== "payout") this.approvals.assertSeen(units, seen);
    switch (kind) {
      case "funding":
        await this.fundings.plan({ card: subject, amount: units, key: request["key"] ?? "", reason }, actor, id);
        return;
      case "payout":
        await this.payouts.plan({ payee: subject, reason, seen }, actor, id);
        return;
      case "withheld-payment":
        await this.payments.pay(subject, reason, actor, id);
    }
  }

  private answer(row: Approval): ApprovalAnswer {
    return approvalAnswer(row, { asset: this.asset, now: this.clock.now() });
  }
}
