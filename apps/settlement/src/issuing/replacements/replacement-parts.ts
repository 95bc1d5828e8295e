import { cardStatuses, equalBytes, toHex } from "@tallystick/protocol";
import { sql, type Selectable } from "kysely";
import type { KeyedMovement } from "../../books/approvals/approvals.ts";
import type { DatabaseTransaction } from "../../foundation/database/database.ts";
import type { ReplacementsTable } from "../../foundation/database/tables/issuing-tables.ts";
import type { Actor } from "../../foundation/http/roles.ts";

export type ReplacementRow = Selectable<ReplacementsTable>;

/** A deposit of a replacement, for the card that it is for now. */
export interface PartFunding extends KeyedMovement {
  readonly kind: "funding";
}

/** What is certain, under the replacement's own key. */
export function advancePart({ card, successor }: ReplacementRow): PartFunding {
  return { kind: "funding", subject: successor, key: `replaces-${toHex(card).slice(2)}-advance` };
}

/** What came back, under a key for each time that a person asked for it. */
export function restPart({ card, rest_card: to, successor, rest_requests: times }: ReplacementRow): PartFunding {
  const key = `${restKey({ card })}${times === 1 ? "" : `-${times}`}`;
  return { kind: "funding", subject: to ?? successor, key };
}

/** The key of a rest's first deposit; further ones add "-" and their number. */
export function restKey({ card }: Pick<ReplacementRow, "card">): string {
  return `replaces-${toHex(card).slice(2)}-rest`;
}

/** Whether it is open whether the advance is given. */
export function isAdvanceDue(row: ReplacementRow): boolean {
  return row.advance_units > 0n && row.advance_funding === null && row.advance_dropped === null;
}

/** Whether it is open whether what came back is given on: it is not held. */
export function isRestDue({ withdrawn_units, done_at, rest_held }: ReplacementRow): boolean {
  return withdrawn_units !== null && done_at === null && rest_held === null;
}

/** What of all withdrawals the successor has not got yet; units, and less than none where the card paid of the certain part. */
export function restUnits(row: ReplacementRow): bigint {
  const given = row.advance_funding !== null && row.advance_dropped === null ? row.advance_units : 0n;
  return (row.withdrawn_units ?? 0n) - given - row.rest_units;
}

/** Who asks for a part, and why: who decided the replacement, or who asked for the rest again. */
export function askerOf(
  row: ReplacementRow,
  part: "advance" | "rest",
): { readonly actor: Actor; readonly reason: string } {
  const again = part === "rest" && row.rest_asked_by !== null;
  const [name, role, station, reason] = again
    ? [row.rest_asked_by, row.rest_role, row.rest_station, row.rest_reason ?? ""]
    : [row.requested_by, row.role, row.station, row.reason];
  return { actor: { name, role, ...(station === null ? {} : { station }) } as Actor, reason };
}

/** Locks the row, so that what is decided about it is decided once. Null where no card replaces this one. */
export async function lockedReplacement(trx: DatabaseTransaction, card: Uint8Array): Promise<ReplacementRow | null> {
  const row = await trx.selectFrom("replacements").selectAll().where("card", "=", card).forUpdate().executeTakeFirst();
  return row ?? null;
}

/** The card that has a card's place now: itself, or who replaced it, and so on. */
export async function cardInPlaceOf(trx: DatabaseTransaction, card: Uint8Array): Promise<Uint8Array> {
  const { rows } = await sql<{ card: Uint8Array }>`
    with recursive line (card, place) as (
      select ${card}::bytea, 0 union all
      select r.successor, line.place + 1 from line join replacements r on r.card = line.card)
    select card from line order by place desc limit 1`.execute(trx);
  return rows[0]?.card ?? card;
}

/** Whether a successor gets no advance any more: it is revoked, or was replaced itself. */
export async function isGoneCard(trx: DatabaseTransaction, successor: Uint8Array): Promise<boolean> {
  const { status } = await trx
    .selectFrom("cards")
    .select("status")
    .where("card", "=", successor)
    .executeTakeFirstOrThrow();
  return status === cardStatuses.revoked || !equalBytes(await cardInPlaceOf(trx, successor), successor);
}
