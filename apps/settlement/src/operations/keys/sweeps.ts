import { firstFees, gasToBuy, isRpcError, SETTLED_ACTION_STATES, type ChainRpc, type FeePolicy } from "@tallystick/evm";
import { toAddress, toHex } from "@tallystick/protocol";
import { transferCall } from "@tallystick/vault";
import type { ChainActions, PlannedAction } from "../../chain/chain-actions.ts";
import { takeLock } from "../../foundation/database/advisory-locks.ts";
import type { Database } from "../../foundation/database/database.ts";
import { COIN_RESERVE, COIN_WORTH } from "./limits.ts";

/** What a former account sends over, and to whom. */
export interface Sweep {
  readonly kind: "sweep-tokens" | "sweep-coin";
  readonly from: Uint8Array;
  readonly to: Uint8Array;
  /** Base units of the token, or wei. */
  readonly amount: bigint;
}

/**
 * Plans that a former account sends over what it has; its own key signs it in the running service.
 * One at a time: while one of this kind is under way, nothing is planned.
 */
export async function planSweep(
  db: Database,
  { actions, token }: { readonly actions: ChainActions; readonly token: Uint8Array },
  { kind, from, to, amount }: Sweep,
): Promise<void> {
  await db.transaction().execute(async (trx) => {
    await takeLock(trx, "keyRotations");
    const before = await trx
      .selectFrom("chain_actions")
      .select("state")
      .where("kind", "=", kind)
      .where("account", "=", from)
      .execute();
    if (before.some(({ state }) => !SETTLED_ACTION_STATES.some((settled) => settled === state))) return;
    const key = `${kind}:${toHex(from)}:${before.length + 1}`;
    const call: Pick<PlannedAction, "target" | "data" | "value"> =
      kind === "sweep-tokens"
        ? { target: token, data: transferCall({ to: toAddress(to), baseUnits: amount }) }
        : { target: to, data: new Uint8Array(0), value: amount };
    await actions.plan(trx, { key, kind, account: from, ...call });
  });
}

/**
 * The wei that an account can send over now and still pay for it, with a reserve for a dearer
 * replacement; 0 where what it has is not worth a transfer. Rejects with RpcError.
 */
export async function coinToSend(
  rpc: Pick<ChainRpc, "balance" | "block" | "priorityFee" | "estimateGas">,
  { from, to }: { readonly from: Uint8Array; readonly to: Uint8Array },
  policy: Pick<FeePolicy, "maxFee">,
): Promise<bigint> {
  const [held, block, tip] = await Promise.all([rpc.balance(from, "latest"), rpc.block("latest"), rpc.priorityFee()]);
  if (held === 0n) return 0n;
  const estimated = await estimate(rpc, { from, to });
  const gas = estimated === null ? null : gasToBuy(estimated);
  const fees = firstFees({ baseFee: block?.baseFee ?? 0n, tip }, policy);
  if (gas === null || fees === null) return 0n;
  const kept = gas * fees.maxFee * COIN_RESERVE;
  return held > kept * COIN_WORTH ? held - kept : 0n;
}

/** Null where the account cannot even pay for the question. */
async function estimate(
  rpc: Pick<ChainRpc, "estimateGas">,
  { from, to }: { readonly from: Uint8Array; readonly to: Uint8Array },
): Promise<bigint | null> {
  try {
    return await rpc.estimateGas({ from, to, data: new Uint8Array(0), value: 1n });
  } catch (error) {
    if (isRpcError(error, "INSUFFICIENT_FUNDS")) return null;
    throw error;
  }
}
