import { Inject, Injectable } from "@nestjs/common";
import { parseAmount } from "@tallystick/money";
import { decodeAllowanceBody } from "@tallystick/protocol";
import { sql } from "kysely";
import { moneyStop } from "../../chain/money/money-faults.ts";
import { CLOCK, type Clock } from "../../foundation/clock.ts";
import { CONFIG, type Config } from "../../foundation/config/config.ts";
import { DATABASE, type Database } from "../../foundation/database/database.ts";
import { Problem } from "../../foundation/http/problem.ts";
import { LIMITS } from "../../foundation/limits/limits.ts";
import { enqueue, subjectOf } from "../../foundation/outbox/outbox.ts";
import { Allowances } from "../allowances/allowances.ts";
import { Fundings } from "../cards/fundings.ts";
import { Mailbox } from "../mailbox/mailbox.ts";
import { decidePolicy, type PolicySettings } from "./decide-policy.ts";
import { isHeld, mayBeRenewed, policyRows, policyView, type HeldRow, type PolicyRow } from "./policy-views.ts";

/** What is written at a card when its turn is over. */
interface Turn {
  readonly renewal_due: boolean;
  readonly renew_after: Date | null;
}

const done: Turn = { renewal_due: false, renew_after: null };

/**
 * Issues allowances by policy (spec §6.10): what a deposit, a refund, a release or time make due.
 * Every part may run any number of times, in several processes.
 */
@Injectable()
export class AllowancePolicy {
  private readonly settings: PolicySettings;
  private after: Uint8Array = new Uint8Array(0);
  private restUntil = 0;

  constructor(
    @Inject(DATABASE) private readonly db: Database,
    @Inject(Allowances) private readonly allowances: Allowances,
    @Inject(Mailbox) private readonly mailbox: Mailbox,
    @Inject(Fundings) private readonly fundings: Fundings,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(CONFIG) private readonly config: Config,
  ) {
    const { step, everySeconds, noPinResetDays = null } = config.allowancePolicy;
    this.settings = { step: step === undefined ? 1n : parseAmount(step, config.asset), everySeconds, noPinResetDays };
  }

  /**
   * Issues the next allowance of a card that is due. A return in the meantime changes the card's
   * row: then it stays due, and runs again; so it does while the vault is insolvent. Throws Problem
   * CHAIN_UNREACHABLE and RpcError.
   */
  async renew(card: Uint8Array): Promise<void> {
    if ((await moneyStop(this.db, "allow")) !== null) return;
    const [row] = await policyRows(this.db, sql`cards.card = ${card}`, 1);
    if (row?.renewal_due !== true) return;
    if (row.renew_after !== null && row.renew_after.getTime() > this.clock.now()) return;
    const turn = isHeld(row) && mayBeRenewed(row) ? await this.take(row) : done;
    await this.db
      .updateTable("cards")
      .set(turn)
      .where("card", "=", card)
      .where(sql<string>`xmin::text`, "=", row.version)
      .execute();
  }

  /**
   * Looks at some cards, in turn: what time made due, what a lost process had stored and not signed,
   * and entries that cards have shown. After the last one it rests.
   */
  async sweep(): Promise<void> {
    const now = this.clock.now();
    if (now < this.restUntil) return;
    const rows = await policyRows(this.db, sql`cards.card > ${this.after}`, LIMITS.listRows);
    for (const row of rows)
      if (isLeftUnsigned(row) && this.allowances.canSign(row.body)) await this.allowances.sign(row.card, row.body);
    await this.mailbox.tidy(rows.map(({ card }) => card));
    for (const row of rows) if (await this.isDueByTime(row, now)) await this.makeDue(row.card);
    const last = rows.length < LIMITS.listRows ? undefined : rows.at(-1);
    this.after = last?.card ?? new Uint8Array(0);
    if (last === undefined) this.restUntil = now + LIMITS.policyRestMs;
  }

  private async take(row: HeldRow): Promise<Turn> {
    if (row.signature === null && this.allowances.canSign(row.body)) await this.allowances.sign(row.card, row.body);
    // Before the bound: what becomes final between the two would be missing in it.
    const unfinal = await this.fundings.pending(row.card, this.db);
    const bound = await this.allowances.boundOf(row.card);
    const view = policyView(row, { bound, nowMs: this.clock.now(), config: this.config });
    const decision = decidePolicy(view, this.settings);
    if (decision.kind === "issue" && view.newest.maxSpent === 0n && unfinal !== null)
      return { renewal_due: true, renew_after: new Date(this.clock.now() + LIMITS.firstDepositMs) };
    if (decision.kind === "none") return done;
    if (decision.kind === "wait") return { renewal_due: true, renew_after: new Date(decision.until * 1_000) };
    try {
      await this.allowances.issue(row.card, decision.terms, null, {
        ground: decision.ground,
        over: row.seq,
        chosenBy: bound,
      });
    } catch (error) {
      // A card that was revoked meanwhile, an owner's withdrawal that came between, a newer one of a
      // person: there is nothing to issue.
      if (!(error instanceof Problem) || !OVERTAKEN.has(error.code)) throw error;
    }
    return done;
  }

  private async isDueByTime(row: PolicyRow, nowMs: number): Promise<boolean> {
    if (row.renewal_due || !isHeld(row) || !mayBeRenewed(row)) return false;
    if (row.rule_suspended || row.withdrawal_seen) return true;
    const view = policyView(row, { bound: 0n, nowMs, config: this.config });
    // Whether the bound moved is told by the chain's events.
    const bound = view.boundAtIssue ?? view.newest.maxSpent;
    return decidePolicy({ ...view, bound }, this.settings).kind === "issue";
  }

  private async makeDue(card: Uint8Array): Promise<void> {
    await this.db.transaction().execute(async (trx) => {
      await trx.updateTable("cards").set({ renewal_due: true }).where("card", "=", card).execute();
      await enqueue(trx, "allowance", subjectOf(card), new Date(this.clock.now()));
    });
  }
}

/**
 * Stored by a process that ended before it signed: a card that may be renewed gets it, and one that
 * is suspended by it above all.
 */
function isLeftUnsigned(row: PolicyRow): row is HeldRow {
  if (!isHeld(row) || row.signature !== null) return false;
  return mayBeRenewed(row) || decodeAllowanceBody(row.body).perTap === 0n;
}

const OVERTAKEN: ReadonlySet<string> = new Set(["CARD_REVOKED", "FUNDING_RULE", "ALLOWANCE_OVERTAKEN", "NO_PIN_RESET"]);
