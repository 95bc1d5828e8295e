import { randomUUID } from "node:crypto";
import { Inject, Injectable } from "@nestjs/common";
import { formatAmount, parseAmount } from "@tallystick/money";
import { toHex } from "@tallystick/protocol";
import type { Selectable } from "kysely";
import { CLOCK, type Clock } from "../../foundation/clock.ts";
import { CONFIG, type Config } from "../../foundation/config/config.ts";
import { DATABASE, type Database, type DatabaseTransaction } from "../../foundation/database/database.ts";
import type { ApprovalKind, ApprovalsTable } from "../../foundation/database/tables/approvals-table.ts";
import { Problem } from "../../foundation/http/problem.ts";
import { type Actor, personOf } from "../../foundation/http/roles.ts";
import { LIMITS } from "../../foundation/limits/limits.ts";
import { HOUR_MS } from "../../foundation/people/limits.ts";
import { recordAction } from "../audit-log/record-action.ts";
import { fitsAlone } from "./movements-alone.ts";

export type Approval = Selectable<ApprovalsTable>;

/** A movement that its caller gave a key, and that is one thing for good. */
export interface KeyedMovement {
  readonly kind: ApprovalKind;
  readonly subject: Uint8Array;
  readonly key: string;
}

/** What somebody is about to do with money. */
export interface WantedMovement {
  readonly kind: ApprovalKind;
  /** A card, a payee or a voucher. */
  readonly subject: Uint8Array;
  readonly units: bigint;
  /** Tells movements of one subject apart, where the caller does. */
  readonly key?: string;
  readonly reason: string;
  readonly actor: Actor;
  /** What is needed to do it later, as another person's. */
  readonly request: Readonly<Record<string, string>>;
  /** The approval that it is done by; null where it is asked for. */
  readonly approval: string | null;
  /** Units that the second person saw; left out, those that were asked for. */
  readonly seen?: bigint;
}

/** It may be done: the details that the audit log has of who asked for it. */
export type Permission = Readonly<Record<string, string>>;

/** It waits for another person. */
export class Waiting {
  readonly approval: Approval;
  /** Whether it waited before, asked for by somebody else or for another reason. */
  readonly isOthers: boolean;

  constructor(approval: Approval, isOthers = false) {
    this.approval = approval;
    this.isOthers = isOthers;
  }
}

/**
 * Above the sums that the configuration names, for one movement and for what a person moves alone in
 * a day, one person asks and another one approves or refuses, within a time (spec §6.11). A person is
 * known by its name, whether it comes by a token or signed in. What is approved is done in the same
 * transaction, and once.
 */
@Injectable()
export class Approvals {
  private readonly above: bigint | null;
  private readonly aboveADay: bigint | null;

  constructor(
    @Inject(DATABASE) private readonly db: Database,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(CONFIG) private readonly config: Config,
  ) {
    const { above, aboveADay } = config.approvals;
    this.above = above === undefined ? null : parseAmount(above, config.asset);
    this.aboveADay = aboveADay === undefined ? null : parseAmount(aboveADay, config.asset);
  }

  /**
   * Asked in the transaction that plans the movement, before anything of it is written. The caller
   * ends its transaction where the answer is Waiting, and throws `secondPersonNeeded` behind it.
   * Throws Problem NAME_NEEDED, APPROVAL_OVER, KEY_REUSED, and SUM_GREW where more would be done by
   * an approval than its second person saw.
   */
  async ask(trx: DatabaseTransaction, wanted: WantedMovement): Promise<Permission | Waiting> {
    if (wanted.approval !== null) return await this.use(trx, wanted, wanted.approval);
    const { kind, subject, key = "", reason, units } = wanted;
    const name = movementName({ kind, subject, key });
    const now = this.clock.now();
    const at = new Date(now);
    if (key !== "") await assertUndecided(trx, { name, units, at });
    if (await this.needsNobody(trx, wanted, now)) return {};
    const by = personOf(wanted.actor);
    await endWaiting(trx, name, at);
    const asked = await trx
      .insertInto("approvals")
      .values({
        ...{ id: randomUUID(), kind, name, subject, units, request: JSON.stringify(wanted.request) },
        ...{ asked_by: by, asked_role: wanted.actor.role, reason, asked_at: at, state: "waiting" },
        ends_at: new Date(now + this.config.approvals.hours * HOUR_MS),
      })
      .onConflict((conflict) => conflict.column("name").where("state", "=", "waiting").doNothing())
      .returning("id")
      .executeTakeFirst();
    const waiting = await trx
      .selectFrom("approvals")
      .selectAll()
      .where("name", "=", name)
      .where("state", "=", "waiting")
      .executeTakeFirstOrThrow();
    // Somebody may have asked at the same moment.
    if (key !== "" && waiting.units !== units) throw otherAmount();
    if (asked !== undefined) await recordAsked(trx, asked.id, { ...wanted, at });
    return new Waiting(waiting, asked === undefined && (waiting.asked_by !== by || waiting.reason !== reason));
  }

  /** Throws Problem NOT_FOUND. */
  async find(id: string): Promise<Approval> {
    const row = await this.db.selectFrom("approvals").selectAll().where("id", "=", id).executeTakeFirst();
    if (row === undefined) throw new Problem("NOT_FOUND", "Nothing with this id waits for a second person, or did.");
    return row;
  }

  /** What was asked for last under a key, and what became of it; null where nobody was asked. */
  async standing(of: Database | DatabaseTransaction, movement: KeyedMovement): Promise<Approval | null> {
    const row = await of
      .selectFrom("approvals")
      .selectAll()
      .where("name", "=", movementName(movement))
      .orderBy("number", "desc")
      .limit(1)
      .executeTakeFirst();
    return row ?? null;
  }

  /**
   * Ends what waits under a key: where its time is over, or whatever its time is. Who decides at this moment comes before,
   * and the movement is there behind this; or after, and cannot decide any more.
   */
  async end(trx: DatabaseTransaction, movement: KeyedMovement, which: "over" | "all"): Promise<void> {
    await endWaiting(trx, movementName(movement), which === "all" ? null : new Date(this.clock.now()));
  }

  /** The newest first. */
  async list(): Promise<readonly Approval[]> {
    return await this.db
      .selectFrom("approvals")
      .selectAll()
      .orderBy("asked_at", "desc")
      .orderBy("number", "desc")
      .limit(LIMITS.listRows)
      .execute();
  }

  /** Refuses what another person asked for. Throws Problem NOT_FOUND, NAME_NEEDED, SECOND_PERSON_NEEDED, APPROVAL_OVER. */
  async refuse(id: string, reason: string, actor: Actor): Promise<Approval> {
    await this.db.transaction().execute(async (trx) => {
      const row = await this.decide(trx, { id, state: "refused", reason, actor });
      const { kind, units, asked_by: askedBy, reason: because } = row;
      const details = { kind, units: units.toString(), reason, "asked-by": askedBy, "asked-because": because };
      const at = new Date(this.clock.now());
      await recordAction(trx, { action: "approval-refused", actor, subject: toHex(row.subject), details, at });
    });
    return await this.find(id);
  }

  /** Neither it nor what its person moved alone within a day is above the sum for it. */
  private async needsNobody(trx: DatabaseTransaction, { units, actor }: WantedMovement, now: number): Promise<boolean> {
    if (this.above !== null && units > this.above) return false;
    return this.aboveADay === null || (await fitsAlone(trx, { person: personOf(actor), units, now }, this.aboveADay));
  }

  /** A thing that another one was approved for is not done by it. */
  private async use(trx: DatabaseTransaction, wanted: WantedMovement, id: string): Promise<Permission> {
    const { actor, reason } = wanted;
    const row = await this.decide(trx, { id, state: "approved", reason, actor });
    if (row.kind !== wanted.kind || toHex(row.subject) !== toHex(wanted.subject))
      throw new Problem("APPROVAL_OVER", "Something else was asked for.");
    this.assertSeen(wanted.units, wanted.seen ?? row.units);
    await trx.updateTable("approvals").set({ units: wanted.units }).where("id", "=", id).execute();
    return { "asked-by": row.asked_by, "asked-because": row.reason };
  }

  /** Nobody approves more than the sum that was seen. Throws Problem SUM_GREW. */
  assertSeen(units: bigint, seen: bigint): void {
    if (units <= seen) return;
    const [was, now] = [formatAmount(seen, this.config.asset), formatAmount(units, this.config.asset)];
    throw new Problem("SUM_GREW", `It was ${was} and is ${now} now. Nothing is paid; look at it and approve again.`, {
      members: { was, now },
      next: "Approve it again with the sum of now as amount, where that is right.",
    });
  }

  private async decide(
    trx: DatabaseTransaction,
    decided: { id: string; state: "approved" | "refused"; reason: string; actor: Actor },
  ): Promise<Approval> {
    const by = personOf(decided.actor);
    const at = new Date(this.clock.now());
    const row = await trx
      .selectFrom("approvals")
      .selectAll()
      .where("id", "=", decided.id)
      .forUpdate()
      .executeTakeFirst();
    if (row === undefined) throw new Problem("NOT_FOUND", "Nothing with this id waits for a second person.");
    if (row.state !== "waiting" || row.ends_at <= at)
      throw new Problem("APPROVAL_OVER", "It was decided before, or its time is over; ask for it again.");
    if (row.asked_by === by)
      throw new Problem("SECOND_PERSON_NEEDED", "You asked for it yourself; another person decides.");
    await trx
      .updateTable("approvals")
      .set({ state: decided.state, decided_by: by, decided_reason: decided.reason, decided_at: at })
      .where("id", "=", decided.id)
      .execute();
    return row;
  }
}

async function recordAsked(
  trx: DatabaseTransaction,
  id: string,
  { kind, subject: of, units, reason, actor, at }: WantedMovement & { readonly at: Date },
): Promise<void> {
  const details = { kind, of: toHex(of), units: units.toString(), reason };
  await recordAction(trx, { action: "approval-asked", actor, subject: `approval:${id}`, details, at });
}

/** The name under which a movement waits, without a key its kind and whom it is for. */
export function movementName({ kind, subject, key }: KeyedMovement): string {
  return `${kind}:${toHex(subject)}:${key}`;
}

/** Ends what a person has asked for who is removed: nobody approves it any more. */
export async function endAskedBy(trx: DatabaseTransaction, name: string): Promise<void> {
  await trx
    .updateTable("approvals")
    .set({ state: "ended" })
    .where("asked_by", "=", name)
    .where("state", "=", "waiting")
    .execute();
}

/** Those that end until then; all of them where no time is given. */
async function endWaiting(trx: DatabaseTransaction, name: string, until: Date | null): Promise<void> {
  await trx
    .updateTable("approvals")
    .set({ state: "ended" })
    .where("name", "=", name)
    .where("state", "=", "waiting")
    .$if(until !== null, (query) => query.where("ends_at", "<=", until ?? new Date(0)))
    .execute();
}

/**
 * What has a key is one thing for good, and so is the answer to it: also where the sum that needs a
 * second person was raised since, and where a smaller amount would need none.
 */
async function assertUndecided(
  trx: DatabaseTransaction,
  { name, units, at }: { readonly name: string; readonly units: bigint; readonly at: Date },
): Promise<void> {
  const known = await trx
    .selectFrom("approvals")
    .select(["id", "state", "units", "ends_at"])
    .where("name", "=", name)
    .where("state", "in", ["refused", "waiting"])
    .execute();
  const refused = known.find(({ state }) => state === "refused");
  if (refused !== undefined)
    throw new Problem("APPROVAL_OVER", `Another person refused this (${refused.id}); use a new key for a new request.`);
  if (known.some(({ ends_at: endsAt, units: asked }) => endsAt > at && asked !== units)) throw otherAmount();
}

function otherAmount(): Problem {
  return new Problem("KEY_REUSED", "This key waits for approval with another amount; use a new key.");
}

/** The answer to whoever asked: what waits, and until when. */
export function secondPersonNeeded({ approval, isOthers }: Waiting): Problem {
  const { id, ends_at: endsAt, asked_by: askedBy, reason } = approval;
  const until = `Another person has to approve this until ${endsAt.toISOString()}.`;
  const before = ` It waits already, asked for by ${askedBy} because: ${reason}. This request and its reason were not kept.`;
  return new Problem("SECOND_PERSON_NEEDED", `${until}${isOthers ? before : ""}`, {
    members: {
      approval: id,
      endsAt: endsAt.toISOString(),
      ...(isOthers ? { waitsSince: approval.asked_at.toISOString() } : {}),
    },
    next: `Let another person call POST /v1/approvals/${id}/approval.`,
  });
}
