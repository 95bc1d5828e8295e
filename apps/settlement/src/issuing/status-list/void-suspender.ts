import { Inject, Injectable } from "@nestjs/common";
import type { ChainSigner } from "@tallystick/evm";
import { toHex } from "@tallystick/protocol";
import { sql } from "kysely";
import { CHAIN_SIGNER } from "../../chain/chain-connections.ts";
import { DATABASE, type Database } from "../../foundation/database/database.ts";
import { tellEvent } from "../../foundation/figures/tell-event.ts";
import { retryingTransaction } from "../../foundation/database/retrying-transaction.ts";

/**
 * Suspends a card while a void is pending of a counter whose message we neither hold nor know by the
 * `link` of the voucher after it (spec §6.4). A request counts from the first block that shows it;
 * it ends when a final block shows the counter used. The issuer's own cards are never suspended: it
 * would only cheat itself.
 */
@Injectable()
export class VoidSuspender {
  constructor(
    @Inject(DATABASE) private readonly db: Database,
    @Inject(CHAIN_SIGNER) private readonly issuer: ChainSigner,
  ) {}

  async pass(): Promise<void> {
    const own = toHex(this.issuer.address);
    const changed = await retryingTransaction(this.db, async (trx) => {
      const { rows } = await sql<{ card: Uint8Array; suspended: boolean }>`
        with requests as (
          select card, (detail->>'counter')::bigint as counter from chain_events where kind = 'voidRequested'),
        pending as (
          select distinct r.card from requests r
          where not exists (select from settled_items s where s.card = r.card and s.counter = r.counter)
            and not exists (select from chain_events u where u.card = r.card and u.final
              and u.kind in ('released', 'voided') and (u.detail->>'counter')::bigint = r.counter)
            and not exists (select from vouchers v where v.card = r.card
              and v.counter between r.counter and r.counter + 1)
            and exists (select from chain_events o where o.card = r.card and o.kind = 'opened'
              and o.detail->>'owner' <> ${own}
              and not exists (select from treasury_accounts t where o.detail->>'owner' = '0x' || encode(t.address, 'hex')))),
        changed as (
          select card, exists (select from pending p where p.card = cards.card) as suspended from cards
          where void_suspended or card in (select card from pending))
        update cards set void_suspended = changed.suspended from changed
        where cards.card = changed.card and cards.void_suspended <> changed.suspended
        returning cards.card, cards.void_suspended as suspended`.execute(trx);
      return rows;
    });
    for (const { card, suspended } of changed)
      tellEvent("suspension", `card ${toHex(card)}, PENDING_VOID ${suspended ? "begins" : "ends"}`);
  }
}
