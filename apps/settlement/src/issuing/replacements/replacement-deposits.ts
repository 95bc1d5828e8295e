import { Inject, Injectable, Logger } from "@nestjs/common";
import { toHex } from "@tallystick/protocol";
import type { Updateable } from "kysely";
import { Approvals } from "../../books/approvals/approvals.ts";
import { recordAction } from "../../books/audit-log/record-action.ts";
import { POSTINGS, type Postings } from "../../books/postings/postings.ts";
import { CLOCK, type Clock } from "../../foundation/clock.ts";
import { DATABASE, type Database, type DatabaseTransaction } from "../../foundation/database/database.ts";
import { retryingTransaction } from "../../foundation/database/retrying-transaction.ts";
import type { AdvanceDropped, ReplacementsTable } from "../../foundation/database/tables/issuing-tables.ts";
import { Problem, type ProblemCode } from "../../foundation/http/problem.ts";
import { type Actor, personOf } from "../../foundation/http/roles.ts";
import { Fundings } from "../cards/fundings.ts";
import { depositMayCome, isUnsettled, reopened } from "./card-movements.ts";
import { plannedFunding, plannedRest } from "./planned-deposits.ts";
import {
  advancePart,
  askerOf,
  cardInPlaceOf,
  isAdvanceDue,
  isGoneCard,
  isRestDue,
  lockedReplacement,
  type PartFunding,
  type ReplacementRow,
  restPart,
  restUnits,
} from "./replacement-parts.ts";

/** Refusals that last: a person has to ask for the rest again. Of others another list tells, and they end by themselves. */
const HELD: readonly ProblemCode[] = ["APPROVAL_OVER", "CARD_REVOKED", "CARD_UNKNOWN", "KEY_REUSED"];

/**
 * The two deposits of a replacement (spec §6.10): what is certain, and the rest. What is decided about one is decided
 * with the replacement's row locked, so that no part of the money goes twice, whoever approves, refuses or sweeps at once.
 */
@Injectable()
export class ReplacementDeposits {
  private readonly log = new Logger(ReplacementDeposits.name);

  constructor(
    @Inject(DATABASE) private readonly db: Database,
    @Inject(Fundings) private readonly fundings: Fundings,
    @Inject(Approvals) private readonly approvals: Approvals,
    @Inject(POSTINGS) private readonly postings: Postings,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /**
   * Takes the advance as far as it can go now: planned, waiting for another person, or dropped. What keeps it holds up
   * nothing else. Throws what the database throws.
   */
  async advance(row: ReplacementRow): Promise<void> {
    const { card, advance_units: amount } = row;
    if (!(await this.change(card, (trx, locked) => this.settleAdvance(trx, locked)))) return;
    const code = await this.plan(advancePart(row), { ...askerOf(row, "advance"), amount }, async (trx) => {
      const locked = await lockedReplacement(trx, card);
      return locked !== null && isAdvanceDue(locked) && locked.withdrawn_units === null && locked.done_at === null;
    });
    if (code === null) await this.change(card, (trx, locked) => this.settleAdvance(trx, locked));
    else if (code !== "SECOND_PERSON_NEEDED" && code !== "APPROVAL_OVER") this.log.warn(`${nameOf(card)}: ${code}.`);
  }

  /** Gives what came back, less the advance, once that is decided and final. Throws what the database throws. */
  async rest({ card }: ReplacementRow): Promise<void> {
    const row = await this.change(card, (trx, locked) => this.settleRest(trx, locked));
    if (row === null) return;
    const part = restPart(row);
    const code = await this.plan(part, { ...askerOf(row, "rest"), amount: restUnits(row) }, async (trx) => {
      const locked = await lockedReplacement(trx, card);
      const isSame = locked?.rest_requests === row.rest_requests && restUnits(locked) === restUnits(row);
      return isSame && isRestDue(locked);
    });
    if (code === null) await this.change(card, (trx, locked) => this.settleRest(trx, locked));
    else if (HELD.includes(code)) await this.change(card, (trx, locked) => this.hold(trx, locked, code));
    else if (code !== "SECOND_PERSON_NEEDED") this.log.warn(`${nameOf(card)}: ${code}.`);
  }

  /**
   * Where newest and final block, and the one up to which events were taken in, show that the card holds nothing, it is
   * done, unless a deposit onto it, a request or a withdrawal may still change that, or what came back is not given on.
   */
  async endEmpty({ card }: ReplacementRow, { final, taken }: EmptyAt): Promise<void> {
    await this.change(card, async (trx, found) => {
      if (found.emptied_at !== null) return null;
      if (await depositMayCome(trx, card, final)) {
        this.log.warn(`${nameOf(card)}: a deposit is on its way to the lost card, and comes back before this is done.`);
        return null;
      }
      // What was taken in meanwhile may have changed it.
      const cursor = await trx.selectFrom("chain_cursor").select("block_number").executeTakeFirst();
      if (cursor?.block_number !== taken || (await isUnsettled(trx, card, taken))) return null;
      if (found.done_at !== null) {
        const isGiven = restUnits(await this.given(trx, found)) <= 0n;
        return await (isGiven ? this.end(trx, found) : this.set(trx, found, reopened(this.now())));
      }
      if (found.withdrawn_units !== null) {
        const row = isAdvanceDue(found) ? null : await this.afterAdvance(trx, found);
        return row === null || restUnits(await this.given(trx, row)) > 0n ? null : await this.end(trx, row);
      }
      if (isAdvanceDue(found)) {
        const advance_funding = await this.givenAdvance(trx, found, "all");
        await (advance_funding === null ? this.drop(trx, found, "LATE") : this.set(trx, found, { advance_funding }));
      }
      return await this.end(trx, found);
    });
  }

  /** What a version ended that did not look whether the card is empty goes on. */
  async reopen({ card }: ReplacementRow): Promise<void> {
    await this.change(card, async (trx, row) => {
      if (row.done_at === null || row.emptied_at !== null) return null;
      return await this.set(trx, row, reopened(this.now()));
    });
  }

  /** A person asks for a held rest again, as another deposit. Without effect where none is held. Throws NOT_FOUND, NAME_NEEDED. */
  async askAgain(card: Uint8Array, reason: string, actor: Actor): Promise<void> {
    const by = personOf(actor);
    await retryingTransaction(this.db, async (trx) => {
      const row = await lockedReplacement(trx, card);
      if (row === null) throw new Problem("NOT_FOUND", "No card replaces this one.");
      if (row.rest_held === null || row.done_at !== null) return;
      await this.approvals.end(trx, restPart(row), "all");
      if ((await plannedFunding(trx, restPart(row))) !== null) {
        await this.given(trx, row);
        return;
      }
      const [at, request] = [this.now(), row.rest_requests + 1];
      await this.set(trx, row, {
        ...{ rest_requests: request, rest_card: null, rest_held: null, rest_held_at: null, next_look_at: at },
        ...{ rest_asked_by: by, rest_role: actor.role, rest_station: actor.station ?? null, rest_reason: reason },
      });
      const details = { request: String(request), reason };
      await recordAction(trx, { action: "rest-asked", actor, subject: toHex(card), details, at });
    });
  }

  /** Finds what became of the advance since; answers the row where it is still to be asked for. */
  private async settleAdvance(trx: DatabaseTransaction, row: ReplacementRow): Promise<ReplacementRow | null> {
    if (!isAdvanceDue(row) || row.done_at !== null) return null;
    const isGone = await isGoneCard(trx, row.successor);
    const isLate = row.withdrawn_units !== null;
    const funding = await this.givenAdvance(trx, row, isGone || isLate ? "all" : "over");
    if (funding !== null) {
      await this.set(trx, row, { advance_funding: funding });
      await this.approvals.end(trx, advancePart(row), "all");
      if (!isLate) await this.postings.advanced(trx, row.card, row.advance_units);
      return null;
    }
    const state = (await this.approvals.standing(trx, advancePart(row)))?.state;
    const why = state === "refused" ? "REFUSED" : isLate ? "LATE" : isGone ? "SUCCESSOR" : null;
    if (why === null && state !== "ended") return row;
    await this.drop(trx, row, why ?? "ENDED");
    return null;
  }

  /** The deposit that was planned, by whomever; whoever could still approve one cannot any more behind this. */
  private async givenAdvance(
    trx: DatabaseTransaction,
    row: ReplacementRow,
    ended: "over" | "all",
  ): Promise<string | null> {
    const part = advancePart(row);
    await this.approvals.end(trx, part, ended);
    return (await plannedFunding(trx, part, row.advance_units))?.id ?? null;
  }

  /** Answers the row where the rest is to be asked for now. */
  private async settleRest(trx: DatabaseTransaction, found: ReplacementRow): Promise<ReplacementRow | null> {
    if (!isRestDue(found) || isAdvanceDue(found)) return null;
    const advanced = await this.afterAdvance(trx, found);
    const given = advanced === null ? null : await this.given(trx, advanced);
    if (given === null || restUnits(given) <= 0n) return null;
    const row = await this.another(trx, given);
    const to = row.rest_card ?? (await cardInPlaceOf(trx, row.successor));
    if (row.rest_card === null) await this.set(trx, row, { rest_card: to });
    const asked = { ...row, rest_card: to };
    if ((await this.given(trx, asked)).rest_funding !== asked.rest_funding) return null;
    const standing = await this.approvals.standing(trx, restPart(asked));
    return standing?.state === "refused" ? await this.hold(trx, row, "APPROVAL_OVER") : asked;
  }

  /** Null while the advance's deposit may still come to nothing; one that a person gave up is dropped, and stays given up. */
  private async afterAdvance(trx: DatabaseTransaction, row: ReplacementRow): Promise<ReplacementRow | null> {
    if (row.advance_funding === null || row.advance_dropped !== null) return row;
    const { id, state, abandoned_at } = await trx
      .selectFrom("chain_actions")
      .select(["id", "state", "abandoned_at"])
      .where("id", "=", (action) =>
        action.selectFrom("fundings").select("action_id").where("id", "=", row.advance_funding),
      )
      .forUpdate()
      .executeTakeFirstOrThrow();
    if (state === "final") return row;
    if (abandoned_at === null) return null;
    const closed = { closed_at: new Date(this.clock.now()) };
    await trx.updateTable("chain_actions").set(closed).where("id", "=", id).execute();
    await this.drop(trx, row, "ABANDONED");
    return { ...row, advance_dropped: "ABANDONED" };
  }

  private async drop(trx: DatabaseTransaction, row: ReplacementRow, why: AdvanceDropped): Promise<void> {
    await this.set(trx, row, { advance_dropped: why });
    await this.postings.advanceEnds(trx, row.card);
    this.log.log(`${nameOf(row.card)}: all that comes is its rest, since the advance is dropped (${why}).`);
  }

  private async hold(trx: DatabaseTransaction, row: ReplacementRow, code: ProblemCode): Promise<null> {
    if (!isRestDue(row) || restUnits(row) <= 0n) return null;
    await this.set(trx, row, { rest_held: code, rest_held_at: new Date(this.clock.now()) });
    this.log.warn(`${nameOf(row.card)}: the rest is held (${code}) until a person asks for it again.`);
    return null;
  }

  /** Where one deposit of the rest was given already, what came later is another one, asked for by who decided the replacement. */
  private async another(trx: DatabaseTransaction, row: ReplacementRow): Promise<ReplacementRow> {
    if (row.rest_funding === null || (await plannedFunding(trx, restPart(row)))?.id !== row.rest_funding) return row;
    const next = {
      ...{ rest_requests: row.rest_requests + 1, rest_card: null },
      ...{ rest_asked_by: null, rest_role: null, rest_station: null, rest_reason: null },
    };
    await this.set(trx, row, next);
    return { ...row, ...next };
  }

  /**
   * Counts what deposits of the rest were planned, by the deposits themselves: whoever planned them, and whoever did not
   * count them, none is planned twice. The row as it is then.
   */
  private async given(trx: DatabaseTransaction, row: ReplacementRow): Promise<ReplacementRow> {
    const [planned, units] = [await plannedFunding(trx, restPart(row)), await plannedRest(trx, row)];
    const counted = { rest_units: units > row.rest_units ? units : row.rest_units };
    const isNew = planned !== null && planned.id !== row.rest_funding;
    if (!isNew && counted.rest_units === row.rest_units) return row;
    if (isNew) await this.approvals.end(trx, restPart(row), "all");
    const change = isNew ? { ...counted, rest_funding: planned.id, rest_held: null, rest_held_at: null } : counted;
    await this.set(trx, row, change);
    return { ...row, ...change };
  }

  private async end(trx: DatabaseTransaction, row: ReplacementRow): Promise<null> {
    // Where nothing came back, nothing will.
    await this.postings.advanceEnds(trx, row.card);
    return await this.set(trx, row, { done_at: row.done_at ?? this.now(), emptied_at: this.now() });
  }

  private async set(trx: DatabaseTransaction, { card }: ReplacementRow, change: ReplacementChange): Promise<null> {
    await trx.updateTable("replacements").set(change).where("card", "=", card).execute();
    return null;
  }

  private now(): Date {
    return new Date(this.clock.now());
  }

  private change<T>(
    card: Uint8Array,
    work: (trx: DatabaseTransaction, row: ReplacementRow) => Promise<T | null>,
  ): Promise<T | null> {
    return retryingTransaction(this.db, async (trx) => {
      const row = await lockedReplacement(trx, card);
      return row === null ? null : await work(trx, row);
    });
  }

  /** The code of what keeps the deposit from being planned; null where nothing does. */
  private async plan(
    { subject: card, key }: PartFunding,
    { actor, reason, amount }: { readonly actor: Actor; readonly reason: string; readonly amount: bigint },
    isWanted: (trx: DatabaseTransaction) => Promise<boolean>,
  ): Promise<ProblemCode | null> {
    const assertWanted = async (trx: DatabaseTransaction): Promise<void> => {
      if (!(await isWanted(trx))) throw new Decided();
    };
    try {
      await this.fundings.plan({ card, amount, key, reason, assertWanted }, actor);
      return null;
    } catch (error) {
      if (error instanceof Decided) return null;
      if (error instanceof Problem) return error.code;
      throw error;
    }
  }
}

type ReplacementChange = Updateable<Omit<ReplacementsTable, "card">> | ReturnType<typeof reopened>;

/** Blocks that show a card empty: a final one, and the one up to which events were taken in. */
interface EmptyAt {
  readonly final: bigint;
  readonly taken: bigint;
}

/** Somebody else decided about it meanwhile. */
class Decided extends Error {}

function nameOf(card: Uint8Array): string {
  return `The replacement of ${toHex(card)}`;
}
