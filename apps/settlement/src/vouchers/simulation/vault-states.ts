import { toHex } from "@tallystick/protocol";
import type { VaultState } from "@tallystick/vault";
import type { DatabaseTransaction } from "../../foundation/database/database.ts";
import { catchUpVaultState, loadVaultState, type StateKeys } from "./vault-mirror.ts";

/**
 * The vault's state for some cards and merchants: at the last final block, and as our own open
 * batches will leave it.
 */
export interface VaultStates {
  readonly final: VaultState;
  readonly expected: VaultState;
}

/** Reads both in the caller's transaction; other callers wait until it ends. */
export async function readVaultStates(trx: DatabaseTransaction, keys: StateKeys): Promise<VaultStates> {
  await catchUpVaultState(trx);
  const final = await loadVaultState(trx, keys);
  const expected = final.fork();
  const cards = [...new Map(keys.cards.map((card) => [toHex(card), card])).values()];
  if (cards.length === 0) return { final, expected };
  const batched = await trx
    .selectFrom("vouchers")
    .select(["card", "payee", "counter", "amount_units as amount"])
    .where("state", "=", "batched")
    .where("card", "in", cards)
    .orderBy("counter")
    .execute();
  for (const { card, payee, counter, amount } of batched) {
    const item = { card, payee, counter: Number(counter), amount };
    const account = expected.card(card);
    // The vault will skip it: it changes nothing.
    if (account === undefined || account.balance < amount || account.counters.isUsed(item.counter)) continue;
    expected.pay(item);
  }
  return { final, expected };
}
