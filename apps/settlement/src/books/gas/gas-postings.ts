import type { AccountSpec, Operation } from "@tallystick/ledger-core";
import { toHex } from "@tallystick/protocol";
import type { DatabaseTransaction } from "../../foundation/database/database.ts";
import { createPostgresLedger } from "../ledger/postgres-ledger.ts";
import { PostingRefused } from "../postings/ledger-postings.ts";
import { GWEI_WEI } from "./limits.ts";

/**
 * The chain's own unit in the books. A total has 63 bits, which is nine whole units of 10^18 wei, so
 * that an amount is two: whole gwei in one asset, the wei that are left in another. Neither is ever
 * rounded, and gwei alone reach for nine thousand million units.
 */
const PARTS = [
  { asset: "GWEI", rest: "", of: (wei: bigint) => wei / GWEI_WEI },
  { asset: "WEI", rest: "-rest", of: (wei: bigint) => wei % GWEI_WEI },
] as const;

/** The charts of what an account has for gas, what gas went for, and where it came from. */
export const GAS_WALLET = "gas-wallet";
const GAS_SPENT = "gas-spent";
const GAS_OUTSIDE = "gas-outside";

/** What an account had for transactions when its costs were first booked. */
export async function postGasOpening(
  trx: DatabaseTransaction,
  { account, wei, atMs }: { readonly account: Uint8Array; readonly wei: bigint; readonly atMs: number },
): Promise<void> {
  const debit = (rest: string): string => `${GAS_WALLET}${rest}:${toHex(account)}`;
  await post(trx, { id: `gas-opening:${toHex(account)}`, debit, credit: (rest) => `${GAS_OUTSIDE}${rest}`, wei, atMs });
}

export interface GasCost {
  readonly tx: Uint8Array;
  readonly account: Uint8Array;
  /** Kind of the action that it was for. */
  readonly kind: string;
  readonly wei: bigint;
  /** The block is not after the account's opening: what it cost was gone by then. */
  readonly beforeOpening: boolean;
  readonly atMs: number;
}

/** What a transaction cost, once: its hash makes the operation's id. */
export async function postGas(trx: DatabaseTransaction, cost: GasCost): Promise<void> {
  const { tx, account, kind, wei, beforeOpening, atMs } = cost;
  const credit = (rest: string): string =>
    beforeOpening ? `${GAS_OUTSIDE}${rest}` : `${GAS_WALLET}${rest}:${toHex(account)}`;
  await post(trx, { id: `gas:${toHex(tx)}`, debit: (rest) => `${GAS_SPENT}${rest}:${kind}`, credit, wei, atMs });
}

/** What went from one own account to another along with a transaction; null stands for outside of the books. */
export async function postGasMoved(
  trx: DatabaseTransaction,
  moved: {
    readonly tx: Uint8Array;
    readonly from: Uint8Array | null;
    readonly to: Uint8Array | null;
    readonly wei: bigint;
    readonly atMs: number;
  },
): Promise<void> {
  const { tx, from, to, wei, atMs } = moved;
  if (from === null && to === null) return;
  const at = (account: Uint8Array | null, rest: string): string =>
    account === null ? `${GAS_OUTSIDE}${rest}` : `${GAS_WALLET}${rest}:${toHex(account)}`;
  const id = `gas-moved:${toHex(tx)}`;
  await post(trx, { id, debit: (rest) => at(to, rest), credit: (rest) => at(from, rest), wei, atMs });
}

interface GasMove {
  readonly id: string;
  debit(rest: string): string;
  credit(rest: string): string;
  readonly wei: bigint;
  readonly atMs: number;
}

async function post(trx: DatabaseTransaction, { id, debit, credit, wei, atMs }: GasMove): Promise<void> {
  const legs = PARTS.map(({ asset, rest, of }) => ({
    asset,
    operation: {
      kind: "transfer",
      id: `${id}${rest}`,
      debit: debit(rest),
      credit: credit(rest),
      amount: of(wei),
    } as const,
  })).filter(({ operation }) => operation.amount > 0n);
  if (legs.length === 0) return;
  const specs = legs.flatMap(({ asset, operation }) => [
    gasAccount(operation.debit, asset),
    gasAccount(operation.credit, asset),
  ]);
  const operations: readonly Operation[] = legs.map(({ operation }) => operation);
  const outcome = await createPostgresLedger(trx).openAndApply(specs, { atMs, operations });
  if (!outcome.ok) throw new PostingRefused(`${outcome.code}: ${outcome.message}`);
}

function gasAccount(id: string, asset: string): AccountSpec {
  const chart = id.split(":", 1)[0] ?? id;
  return { id, chart, asset, normalSide: chart.startsWith(GAS_OUTSIDE) ? "credit" : "debit", limit: "none" };
}
