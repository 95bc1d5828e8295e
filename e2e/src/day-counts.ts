import { poll, unlessAway, type DemoStack, type ReconciliationAnswer } from "@tallystick/demo";
import { callRpc } from "@tallystick/stack";
import { parseAmount } from "./amounts.ts";
import { type PaidSale, send } from "./sale.ts";

/** Longest wait until a voucher is final. */
const FINAL_DEADLINE_MS = 180_000;

/** Sends everything and counts what is missing at the end of the line. */
export async function countLost(stack: DemoStack, paid: readonly PaidSale[]): Promise<number> {
  for (const merchant of [stack.merchants.A, stack.merchants.B]) {
    await poll({
      what: `merchant ${merchant.name} having sent everything`,
      ask: async () => {
        await send(merchant);
        return await merchant.http().get<{ unsent: { count: number } }>("/v1/readiness");
      },
      until: (answer) => answer.unsent.count === 0,
      deadlineMs: FINAL_DEADLINE_MS,
    });
  }
  let lost = 0;
  for (const sale of paid) {
    try {
      await poll({
        what: `the end of ${sale.saleId}`,
        ask: async () =>
          await unlessAway(() => stack.settlement.operator.get<{ state: string }>(`/v1/vouchers/${sale.voucherId}`)),
        until: (answer) => answer?.state === "final",
        deadlineMs: FINAL_DEADLINE_MS,
      });
    } catch {
      lost += 1;
    }
  }
  return lost;
}

/**
 * Debits and payments beyond one a sale: on each card the counters must follow one another without a gap from the
 * personalizer's own payment on, and what the vault paid out of the cards must be what the terminals sold.
 */
export function countDoubled(
  paid: readonly PaidSale[],
  before: ReconciliationAnswer,
  after: ReconciliationAnswer,
): number {
  let doubled = 0;
  for (const name of ["A", "B"] as const) {
    const sales = paid.filter((sale) => sale.merchant === name).sort((a, b) => a.counter - b.counter);
    const first = sales[0]?.counter ?? 0;
    const last = sales.at(-1)?.counter ?? 0;
    const debits = last - first + 1;
    doubled +=
      Math.abs(debits - sales.length) + Math.abs(sales.length - new Set(sales.map(({ voucherId }) => voucherId)).size);
    const sold = sales.reduce((sum, { amount }) => sum + parseAmount(amount), 0n);
    const debited = parseAmount(sales.at(-1)?.spentAfter ?? "0") - parseAmount(sales[0]?.spentBefore ?? "0");
    if (sold !== debited) doubled += 1;
  }
  const earned = ({ chain }: ReconciliationAnswer): bigint => parseAmount(chain.owed) + parseAmount(chain.paidOut);
  const sold = paid.reduce((sum, { amount }) => sum + parseAmount(amount), 0n);
  if (earned(after) - earned(before) !== sold) doubled += 1;
  return doubled;
}

/**
 * The books once nothing is under way and they agree with the chain, by a sum of the final block of now or a later one.
 * One that was begun while a part was away may still say so after the part is back.
 */
export async function settledBooks(stack: DemoStack): Promise<ReconciliationAnswer> {
  const final = (await callRpc(stack.anvil.rpc, "eth_getBlockByNumber", ["finalized", false])) as { number: string };
  const books = await poll({
    what: "the books agreeing with the chain",
    ask: async () => await unlessAway(() => stack.settlement.operator.get<ReconciliationAnswer>("/v1/reconciliation")),
    until: (answer) =>
      answer !== null &&
      BigInt(answer.block) >= BigInt(final.number) &&
      parseAmount(answer.acceptedUnpaid) === 0n &&
      parseAmount(answer.ledgerDifference) === 0n,
    deadlineMs: FINAL_DEADLINE_MS,
  });
  if (books === null) throw new Error("the books were seen");
  return books;
}
