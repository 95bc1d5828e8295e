import { Inject, Injectable } from "@nestjs/common";
import { toHex } from "@tallystick/protocol";
import { recordAction } from "../../books/audit-log/record-action.ts";
import { VAULT_CONTRACT } from "../../chain/chain-connections.ts";
import type { VaultContract } from "../../chain/vault-contract.ts";
import { CLOCK, type Clock } from "../../foundation/clock.ts";
import { takeLock } from "../../foundation/database/advisory-locks.ts";
import { DATABASE, type Database, type DatabaseTransaction } from "../../foundation/database/database.ts";
import { retryingTransaction } from "../../foundation/database/retrying-transaction.ts";
import { Problem } from "../../foundation/http/problem.ts";
import type { Actor } from "../../foundation/http/roles.ts";
import { assertFree, assertUnclaimed } from "../cards/reference-rules.ts";
import type { ClaimAnswer, ClaimRequest, RenameRequest } from "./reference-requests.ts";

/** Which station makes the card of a reference, and which card has one. */
@Injectable()
export class CardReferences {
  constructor(
    @Inject(DATABASE) private readonly db: Database,
    @Inject(VAULT_CONTRACT) private readonly contract: VaultContract,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /**
   * The caller's station makes the card of this reference; a second time it has no further effect.
   * Throws Problem STATION_NEEDED, or REFERENCE_CLAIMED by another station's.
   */
  async claim({ reference, takeOver }: ClaimRequest, actor: Actor): Promise<ClaimAnswer> {
    const { station, operator = null } = actor;
    if (station === undefined) throw new Problem("STATION_NEEDED", "Name the station in the configuration.");
    return retryingTransaction(this.db, async (trx) => {
      await takeLock(trx, "cardIndices");
      if (!takeOver) await assertUnclaimed(trx, reference, actor);
      const row = await trx
        .insertInto("reference_claims")
        .values({ reference, station, operator, claimed_at: new Date(this.clock.now()) })
        .onConflict((conflict) => conflict.column("reference").doUpdateSet({ station, operator }))
        .returningAll()
        .executeTakeFirstOrThrow();
      return { reference, station, operator, claimedAt: row.claimed_at.toISOString() };
    });
  }

  /** Another station may make it. Throws Problem REFERENCE_CLAIMED. */
  async release(reference: string, actor: Actor): Promise<void> {
    await retryingTransaction(this.db, async (trx) => {
      await takeLock(trx, "cardIndices");
      await assertUnclaimed(trx, reference, actor);
      await trx.deleteFrom("reference_claims").where("reference", "=", reference).execute();
    });
  }

  /**
   * Gives a card that never had money another reference, so that its own is free. Throws Problem
   * CARD_UNKNOWN, CARD_HAS_MONEY, REFERENCE_TAKEN or REFERENCE_CLAIMED.
   */
  async rename(card: Uint8Array, { reference, reason }: RenameRequest, actor: Actor): Promise<void> {
    const [final, latest] = await Promise.all([
      this.contract.card(card, "finalized"),
      this.contract.card(card, "latest"),
    ]);
    const isEmpty = [final, latest].every(({ balance, paid, pending }) => balance + paid + pending === 0n);
    await retryingTransaction(this.db, async (trx) => {
      await takeLock(trx, "cardIndices");
      const row = await trx.selectFrom("cards").select("reference").where("card", "=", card).executeTakeFirst();
      if (row === undefined) throw new Problem("CARD_UNKNOWN", "Register the card first.");
      if (row.reference === reference) return;
      if (!isEmpty || (await isFunded(trx, card)))
        throw new Problem(
          "CARD_HAS_MONEY",
          "Give its deposit up first, where that is not signed; else replace the card.",
        );
      await assertFree(trx, reference);
      await assertUnclaimed(trx, reference, actor);
      await trx.updateTable("cards").set({ reference }).where("card", "=", card).execute();
      const details = { before: row.reference, reference, reason };
      const at = new Date(this.clock.now());
      await recordAction(trx, { action: "card-reference", actor, subject: toHex(card), details, at });
    });
  }
}

/** Whether a deposit is on its way or was made; one that failed or was given up is neither. */
async function isFunded(trx: DatabaseTransaction, card: Uint8Array): Promise<boolean> {
  const row = await trx
    .selectFrom("fundings")
    .innerJoin("chain_actions", "chain_actions.id", "fundings.action_id")
    .select("fundings.id")
    .where("fundings.card", "=", card)
    .where((where) =>
      where.or([
        where("chain_actions.state", "not in", ["failed", "refused"]),
        where("chain_actions.retry_at", "is not", null),
      ]),
    )
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}
