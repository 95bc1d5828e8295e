import { callRpc } from "@tallystick/stack";
import { FINAL_DEADLINE_MS } from "../limits.ts";
import type { Narrator } from "./narrator.ts";
import { unlessAway } from "../stack/http.ts";
import { poll } from "../stack/poll.ts";
import {
  type BatchReport,
  type ForkReport,
  type MoneyReport,
  short,
  type TapReport,
  type UploadReport,
} from "../report/report.ts";
import type { MoneySide, ReconciliationAnswer } from "../stack/settlement.ts";
import type { Merchant } from "../stack/merchant.ts";
import type { DemoStack } from "../stack/demo-stack.ts";

/** Has a merchant send its vouchers, or its last upload once more. */
export async function upload(
  narrator: Narrator,
  merchant: Merchant,
  options: { again?: boolean } = {},
): Promise<UploadReport> {
  const { uploaded } = await merchant
    .http()
    .post<{ uploaded: Omit<UploadReport, "merchant"> }>(options.again === true ? "/v1/sync?again=true" : "/v1/sync");
  const report = {
    merchant: merchant.name,
    new: uploaded.new,
    duplicate: uploaded.duplicate,
    forked: uploaded.forked,
    refused: uploaded.refused,
  };
  narrator.line(
    `merchant ${merchant.name} uploads${options.again === true ? " the same once more" : ""}: ` +
      `${report.new} new, ${report.duplicate} known, ${report.forked} forked, ${report.refused} refused`,
  );
  return report;
}

/** Waits until every accepted voucher has come to its end: paid by the vault, or by the issuer. */
export async function settleAll(stack: DemoStack, narrator: Narrator, taps: readonly TapReport[]): Promise<void> {
  const ids = new Set(taps.filter((tap) => tap.outcome === "accepted").map((tap) => tap.voucherId ?? ""));
  for (const id of ids) {
    const { state } = await poll({
      what: `the end of voucher ${short(id)}`,
      ask: async () => await stack.settlement.operator.get<{ state: string }>(`/v1/vouchers/${id}`),
      until: (answer) => answer.state === "final" || answer.state === "compensated",
      deadlineMs: FINAL_DEADLINE_MS,
    });
    narrator.line(`voucher ${short(id)} is ${state}`);
  }
}

/** The forks that settlement found; exactly the copied card's. */
export async function forksOf(stack: DemoStack, narrator: Narrator, taps: readonly TapReport[]): Promise<ForkReport[]> {
  const { forks } = await stack.settlement.operator.get<{ forks: ForkReport[] }>("/v1/forks");
  const clones = taps.filter((tap) => tap.step === "clone").map((tap) => tap.voucherId);
  const [fork] = forks;
  const same =
    fork !== undefined && forks.length === 1 && [...fork.vouchers].sort().join() === [...clones].sort().join();
  if (!same) narrator.wrong(`expected one fork of ${clones.join(" and ")}, settlement shows ${JSON.stringify(forks)}`);
  else
    narrator.line(
      `fork found at counter ${fork.counter}: the vault paid ${short(fork.paid)}, the issuer's guarantee the other`,
    );
  return forks.map((found) => ({
    card: found.card,
    counter: found.counter,
    vouchers: found.vouchers,
    paid: found.paid,
    bearer: found.bearer,
  }));
}

/** Pays the merchants what they earned and waits until that is final. */
export async function payOut(stack: DemoStack, narrator: Narrator): Promise<void> {
  const { operator } = stack.settlement;
  for (const merchant of [stack.merchants.A, stack.merchants.B]) {
    const { id } = await operator.post<{ id: string }>("/v1/payouts", {
      payee: merchant.payee,
      reason: "The demo's day is over.",
    });
    await poll({
      what: `the payout to merchant ${merchant.name}`,
      ask: async () => await operator.get<{ state: string }>(`/v1/payouts/${id}`),
      until: (answer) => answer.state === "final",
      deadlineMs: FINAL_DEADLINE_MS,
    });
    narrator.line(`merchant ${merchant.name} is paid out`);
  }
}

/** Every batch; each must be final. */
export async function batchesOf(stack: DemoStack, narrator: Narrator): Promise<BatchReport[]> {
  const { batches } = await stack.settlement.operator.get<{ batches: BatchReport[] }>("/v1/batches");
  for (const batch of batches) {
    if (batch.state !== "final") narrator.wrong(`batch ${batch.id} is ${batch.state}`);
  }
  return batches.map(({ id, tx, block, state, paid, skipped }) => ({
    id: String(id),
    tx,
    block: String(block),
    state,
    paid,
    skipped,
  }));
}

const names = ["minted", "wallets", "guarantee", "cards", "owed", "paidOut"] as const;

/** A decimal string as a whole number of the asset's smallest shown part, for comparing only. */
function parts(text: string, decimals: number): bigint {
  const [whole = "0", fraction = ""] = text.split(".");
  return BigInt(whole + fraction.padEnd(decimals, "0"));
}

/** Waits until chain and ledger agree, and reports where the money is. */
export async function moneyOf(stack: DemoStack, narrator: Narrator): Promise<MoneyReport> {
  const decimals = stack.domain.asset.decimals;
  const whole = (side: MoneySide): boolean =>
    parts(side.minted, decimals) ===
    parts(side.wallets, decimals) +
      parts(side.guarantee, decimals) +
      parts(side.cards, decimals) +
      parts(side.owed, decimals) +
      parts(side.paidOut, decimals);
  // The payouts are final by now; the books are posted up to a block that may still be an older one, and so may be a sum.
  const final = (await callRpc(stack.anvil.rpc, "eth_getBlockByNumber", ["finalized", false])) as { number: string };
  const agree = ({ block, chain, ledger, ledgerDifference, acceptedUnpaid }: ReconciliationAnswer): boolean =>
    BigInt(block) >= BigInt(final.number) &&
    whole(chain) &&
    whole(ledger) &&
    parts(ledgerDifference, decimals) === 0n &&
    parts(acceptedUnpaid, decimals) === 0n &&
    names.every((name) => parts(chain[name], decimals) === parts(ledger[name], decimals));
  const answer = await poll({
    what: "the books agreeing with the chain",
    ask: async () => await unlessAway(() => stack.settlement.operator.get<ReconciliationAnswer>("/v1/reconciliation")),
    until: (seen) => seen !== null && agree(seen),
    deadlineMs: FINAL_DEADLINE_MS,
  });
  if (answer === null) throw new Error("the books were seen");
  narrator.line("chain and ledger, read apart, say the same to the last part of a cent");
  const { minted, wallets, guarantee, cards, owed, paidOut } = answer.chain;
  return {
    minted,
    wallets,
    guarantee,
    cards,
    owed,
    paidOut,
    acceptedUnpaid: answer.acceptedUnpaid,
    ledgerDifference: answer.ledgerDifference,
  };
}
