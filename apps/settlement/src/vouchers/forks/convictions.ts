import { Inject, Injectable } from "@nestjs/common";
import { toHex } from "@tallystick/protocol";
import { proveEquivocationCall, type SignedMessage } from "@tallystick/vault";
import { ChainActions } from "../../chain/chain-actions.ts";
import { VAULT_CONTRACT } from "../../chain/chain-connections.ts";
import { type VaultContract } from "../../chain/vault-contract.ts";
import { DATABASE, type Database, type DatabaseTransaction } from "../../foundation/database/database.ts";

/** The key of a card's conviction among the chain actions. */
export function convictionKey(card: Uint8Array): string {
  return `convict:${toHex(card)}`;
}

/**
 * Hands a fork's evidence to the vault, once for each card: the vault flags the card, takes no more
 * deposits for it, and publishes both messages. It does not change what the card's vouchers are
 * worth.
 */
@Injectable()
export class Convictions {
  constructor(
    @Inject(DATABASE) private readonly db: Database,
    @Inject(ChainActions) private readonly actions: ChainActions,
    @Inject(VAULT_CONTRACT) private readonly contract: VaultContract,
  ) {}

  /**
   * Does nothing where only one of the messages was uploaded: the chain has shown the other
   * already.
   */
  async convict(card: Uint8Array): Promise<void> {
    await this.db.transaction().execute(async (trx) => {
      const [first, second] = await this.evidence(trx, card);
      if (first === undefined || second === undefined) return;
      await this.actions.plan(trx, {
        key: convictionKey(card),
        kind: "convict",
        target: this.contract.vault,
        data: proveEquivocationCall(first, second),
      });
    });
  }

  /**
   * The two messages of the lowest forked counter that arrived first: the same ones however often
   * it is asked.
   */
  private async evidence(trx: DatabaseTransaction, card: Uint8Array): Promise<readonly SignedMessage[]> {
    const planned = await trx
      .selectFrom("chain_actions")
      .select("id")
      .where("key", "=", convictionKey(card))
      .executeTakeFirst();
    if (planned !== undefined) return [];
    const rows = await trx
      .selectFrom("vouchers")
      .innerJoin("forks", (join) =>
        join.onRef("forks.card", "=", "vouchers.card").onRef("forks.counter", "=", "vouchers.counter"),
      )
      .select(["vouchers.counter", "vouchers.message", "vouchers.signature", "vouchers.parity"])
      .where("vouchers.card", "=", card)
      .orderBy("vouchers.counter")
      .orderBy("vouchers.received_at")
      .orderBy("vouchers.id")
      .execute();
    const counter = rows.find((row, index) => rows[index + 1]?.counter === row.counter)?.counter;
    return rows
      .filter((row) => row.counter === counter)
      .slice(0, 2)
      .map(({ message, signature, parity }) => ({ message, signature, parity: parity === 1 ? 1 : 0 }));
  }
}
