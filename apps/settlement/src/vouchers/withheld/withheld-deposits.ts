import { Inject, Injectable } from "@nestjs/common";
import { toHex } from "@tallystick/protocol";
import { fundCall } from "@tallystick/vault";
import { ChainActions } from "../../chain/chain-actions.ts";
import { VAULT_CONTRACT } from "../../chain/chain-connections.ts";
import { WITHHELD_DEPOSIT } from "../../chain/refused/retries.ts";
import type { VaultContract } from "../../chain/vault-contract.ts";
import type { DatabaseTransaction } from "../../foundation/database/database.ts";
import { openingKey } from "../../issuing/cards/card-register.ts";
import { planApproval } from "../../issuing/cards/fundings.ts";
import type { VoucherRow } from "../forks/guarantee-case.ts";

/** Whether a deposit may still put money on a card. */
export type DepositProgress = "none" | "under way" | "without effect";

/** Deposits of the treasury with which the vault pays withheld vouchers (spec §6.12). */
@Injectable()
export class WithheldDeposits {
  constructor(
    @Inject(ChainActions) private readonly actions: ChainActions,
    @Inject(VAULT_CONTRACT) private readonly contract: VaultContract,
  ) {}

  /**
   * How far the newest deposit for a voucher is: on its way or in a block behind the one that the
   * caller has `seen`, ended without effect and to be tried again, or none. Whoever has read no block
   * has seen the newest whose events were taken in.
   */
  async progress(trx: DatabaseTransaction, { id }: Pick<VoucherRow, "id">, seen?: bigint): Promise<DepositProgress> {
    const newest = await trx
      .selectFrom("withheld_decisions")
      .innerJoin("chain_actions", "chain_actions.id", "withheld_decisions.action_id")
      .select(["chain_actions.state", "chain_actions.mined_block"])
      .where("withheld_decisions.voucher_id", "=", id)
      .where("withheld_decisions.way", "=", "deposit")
      .orderBy("withheld_decisions.id", "desc")
      .limit(1)
      .executeTakeFirst();
    if (newest === undefined) return "none";
    if (newest.state === "refused" || newest.state === "failed") return "without effect";
    const upTo = seen ?? (await takenIn(trx));
    const isSeen = upTo !== null && newest.mined_block !== null && newest.mined_block <= upTo;
    return newest.state === "final" && isSeen ? "none" : "under way";
  }

  /** Plans a deposit of what a card's balance lacks; answers the action's id. */
  async plan(trx: DatabaseTransaction, { id, card }: VoucherRow, units: bigint): Promise<string> {
    const { before } = await trx
      .selectFrom("withheld_decisions")
      .select((select) => select.fn.countAll<bigint>().as("before"))
      .where("voucher_id", "=", id)
      .where("way", "=", "deposit")
      .executeTakeFirstOrThrow();
    const opening = await trx
      .selectFrom("chain_actions")
      .select("id")
      .where("key", "=", openingKey(card))
      .executeTakeFirst();
    const approval = await planApproval(trx, this.actions, this.contract);
    return this.actions.plan(trx, {
      key: `${WITHHELD_DEPOSIT}${toHex(id)}:${before}`,
      kind: "fund",
      target: this.contract.vault,
      data: fundCall({ card, units }),
      after: [approval, ...(opening === undefined ? [] : [opening.id])],
    });
  }
}

async function takenIn(trx: DatabaseTransaction): Promise<bigint | null> {
  const cursor = await trx.selectFrom("chain_cursor").select("block_number").executeTakeFirst();
  return cursor?.block_number ?? null;
}
