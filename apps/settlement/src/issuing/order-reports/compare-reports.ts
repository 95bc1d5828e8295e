import type { VerifiedReport } from "@tallystick/program";
import { fromHex } from "@tallystick/protocol";
import { sql } from "kysely";
import type { Database, DatabaseTransaction } from "../../foundation/database/database.ts";
import { isUuid } from "../../foundation/database/uuid.ts";
import { LIMITS } from "../../foundation/limits/limits.ts";
import { COMPARED_LINES } from "./limits.ts";

/** The card and the funding that each line of a report names, in their order. */
export interface Named {
  readonly cards: readonly (Uint8Array | null)[];
  readonly fundings: readonly (string | null)[];
}

/** What of a report is known here, as its row holds it. */
interface Known {
  readonly known_cards: number;
  readonly known_units: bigint;
  readonly complete: boolean;
}

export function namedIn({ cards }: VerifiedReport): Named {
  return {
    cards: cards.map(({ card }) => (card === null ? null : fromHex(card))),
    fundings: cards.map(({ funding }) => (funding !== null && isUuid(funding) ? funding : null)),
  };
}

/**
 * Of lines: how many of their cards are registered, and the sum of their deposits that are final. A deposit counts for
 * the card of its own line alone.
 */
const KNOWN = sql`select count(cards.card)::int as known_cards,
  coalesce(sum(fundings.amount_units) filter (where chain_actions.state = 'final'), 0)::bigint as known_units,
  count(cards.card) = count(line.card)
    and count(*) filter (where chain_actions.state = 'final') = count(line.funding) as complete`;
const REGISTERED = sql`left join cards on cards.card = line.card
  left join fundings on fundings.id = line.funding and fundings.card = line.card
  left join chain_actions on chain_actions.id = fundings.action_id`;

/** What is known of a report that comes. */
export async function knownOf({ cards, fundings }: Named, trx: DatabaseTransaction): Promise<Known> {
  const { rows } = await sql<Known>`${KNOWN}
    from unnest(${cards}::bytea[], ${fundings}::uuid[]) as line (card, funding) ${REGISTERED}`.execute(trx);
  return rows[0] ?? { known_cards: 0, known_units: 0n, complete: false };
}

/**
 * Compares reports with the register again: those of a list that named what was not registered or
 * final at their last comparison, the one that waits longest first, up to the bound of lines. What
 * is registered and final stays so, therefore a complete one is left alone.
 */
export async function compareReports(db: Database, at: Date): Promise<void> {
  await sql`update order_reports report
    set known_cards = now.known_cards, known_units = now.known_units, complete = now.complete, compared_at = ${at}
    from (select due.digest, counted.* from (
        select digest, named_cards, named_fundings,
          sum(cards) over (order by compared_at nulls first, digest) - cards as lines_before
        from (select * from order_reports order by received_at desc, digest desc limit ${LIMITS.listRows}) newest
        where named_cards is not null and not complete) due
      cross join lateral (${KNOWN} from unnest(named_cards, named_fundings) as line (card, funding) ${REGISTERED}) counted
      where due.lines_before < ${COMPARED_LINES}) now
    where report.digest = now.digest and not report.complete`.execute(db);
}
