import { Inject, Injectable } from "@nestjs/common";
import { toHex } from "@tallystick/protocol";
import { proveEquivocationCall, type SignedMessage } from "@tallystick/vault";
import { ChainActions } from "../../chain/chain-actions.ts";
import { VAULT_CONTRACT } from "../../chain/chain-connections.ts";
import type { VaultContract } from "../../chain/vault-contract.ts";
import { CLOCK, type Clock } from "../../foundation/clock.ts";
import { DATABASE, type Database, type DatabaseTransaction } from "../../foundation/database/database.ts";
import { recordAnomaly } from "../states/anomalies.ts";
import { readForkMessages } from "./fork-messages.ts";

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
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /**
   * Does nothing but say so where the other message stands neither in an upload nor in what the
   * chain showed: a contract called the vault for its release.
   */
  async convict(card: Uint8Array): Promise<void> {
    await this.db.transaction().execute(async (trx) => {
      if (await this.isPlanned(trx, card)) return;
      const [first, second] = await this.evidence(trx, card);
      if (first === undefined || second === undefined) return this.reportUnproved(trx, card);
      await this.actions.plan(trx, {
        key: convictionKey(card),
        kind: "convict",
        target: this.contract.vault,
        data: proveEquivocationCall(first, second),
      });
    });
  }

  private async isPlanned(trx: DatabaseTransaction, card: Uint8Array): Promise<boolean> {
    const planned = await trx
      .selectFrom("chain_actions")
      .select("id")
      .where("key", "=", convictionKey(card))
      .executeTakeFirst();
    return planned !== undefined;
  }

  /** Two messages of the lowest forked counter of which two are known; empty where there is none. */
  private async evidence(trx: DatabaseTransaction, card: Uint8Array): Promise<readonly SignedMessage[]> {
    const messages = await readForkMessages(trx, card);
    const counter = messages.find((row, index) => messages[index + 1]?.counter === row.counter)?.counter;
    return messages.filter((row) => row.counter === counter).map(({ signed }) => signed);
  }

  private async reportUnproved(trx: DatabaseTransaction, card: Uint8Array): Promise<void> {
    const fork = await trx.selectFrom("forks").select("counter").where("card", "=", card).executeTakeFirst();
    if (fork === undefined) return;
    await recordAnomaly(trx, {
      ...{ kind: "FORK_UNPROVED", card, foundAt: new Date(this.clock.now()) },
      detail: `The other message of counter ${fork.counter} of card ${toHex(card)} is not on record: the card is revoked, and not flagged in the vault.`,
    });
  }
}
