import type { Narrator } from "./narrator.ts";
import { poll } from "./offline.ts";
import {
  type BatchReport,
  type ForkReport,
  type MoneyReport,
  short,
  type TapReport,
  type UploadReport,
} from "./report.ts";
import type { MoneySide, ReconciliationAnswer } from "./settlement.ts";
import type { Shop } from "./shop.ts";
import type { World } from "./world.ts";

/** Longest wait for something to become final: a dozen blocks of a second each, with room for a loaded machine. */
const FINAL_DEADLINE_MS = 180_000;

/** Has a shop send what it owes, or send its last upload once more. */
export async function upload(narrator: Narrator, shop: Shop, options: { again?: boolean } = {}): Promise<UploadReport> {
  const { uploaded } = await shop
    .http()
    .post<{ uploaded: Omit<UploadReport, "shop"> }>(options.again === true ? "/v1/sync?again=true" : "/v1/sync");
  const report = {
    shop: shop.name,
    new: uploaded.new,
    duplicate: uploaded.duplicate,
    forked: uploaded.forked,
    refused: uploaded.refused,
  };
  narrator.line(
    `shop ${shop.name} uploads${options.again === true ? " the same once more" : ""}: ` +
      `${report.new} new, ${report.duplicate} known, ${report.forked} forked, ${report.refused} refused`,
  );
  return report;
}

/** Waits until every accepted voucher has come to its end: paid by the vault, or by the issuer. */
export async function settleAll(world: World, narrator: Narrator, taps: readonly TapReport[]): Promise<void> {
  const ids = new Set(taps.filter((tap) => tap.outcome === "accepted").map((tap) => tap.voucherId ?? ""));
  for (const id of ids) {
    const { state } = await poll({
      what: `the end of voucher ${short(id)}`,
      look: async () => await world.settlement.operator.get<{ state: string }>(`/v1/vouchers/${id}`),
      until: (answer) => answer.state === "final" || answer.state === "compensated",
      deadlineMs: FINAL_DEADLINE_MS,
    });
    narrator.line(`voucher ${short(id)} is ${state}`);
  }
}

/** The forks that settlement found; exactly the copied card's. */
export async function forksOf(world: World, narrator: Narrator, taps: readonly TapReport[]): Promise<ForkReport[]> {
  const { forks } = await world.settlement.operator.get<{ forks: ForkReport[] }>("/v1/forks");
  const clones = taps.filter((tap) => tap.step === "clone").map((tap) => tap.voucherId);
  const [fork] = forks;
  const same =
    fork !== undefined && forks.length === 1 && [...fork.vouchers].sort().join() === [...clones].sort().join();
  if (!same) narrator.wrong(`expected one fork of ${clones.join(" and ")}, settlement shows ${JSON.stringify(forks)}`);
  else
    narrator.line(
      `fork found at counter ${fork.counter}: the vault paid ${short(fork.paid)}, the issuer bears the other`,
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
export async function payOut(world: World, narrator: Narrator): Promise<void> {
  const { operator } = world.settlement;
  for (const shop of [world.shops.A, world.shops.B]) {
    const { id } = await operator.post<{ id: string }>("/v1/payouts", { payee: shop.payee });
    await poll({
      what: `the payout to shop ${shop.name}`,
      look: async () => await operator.get<{ state: string }>(`/v1/payouts/${id}`),
      until: (answer) => answer.state === "final",
      deadlineMs: FINAL_DEADLINE_MS,
    });
    narrator.line(`shop ${shop.name} is paid out`);
  }
}

/** Every batch; each must be final. */
export async function batchesOf(world: World, narrator: Narrator): Promise<BatchReport[]> {
  const { batches } = await world.settlement.operator.get<{ batches: BatchReport[] }>("/v1/batches");
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

const names = ["minted", "wallets", "cards", "owed", "paidOut"] as const;

/** A decimal string as a whole number of the asset's smallest shown part, for comparing only. */
function parts(text: string, decimals: number): bigint {
  const [whole = "0", fraction = ""] = text.split(".");
  return BigInt(whole + fraction.padEnd(decimals, "0"));
}

/** Waits until chain and ledger tell of the same, and reports where the money is. */
export async function moneyOf(world: World, narrator: Narrator): Promise<MoneyReport> {
  const decimals = world.domain.asset.decimals;
  const whole = (side: MoneySide): boolean =>
    parts(side.minted, decimals) ===
    parts(side.wallets, decimals) +
      parts(side.cards, decimals) +
      parts(side.owed, decimals) +
      parts(side.paidOut, decimals);
  const look = async (): Promise<ReconciliationAnswer> =>
    await world.settlement.operator.get<ReconciliationAnswer>("/v1/reconciliation");
  // The payouts are final by now; the books are posted up to a block that may still be an older one.
  const { finalizedBlock } = await look();
  const answer = await poll({
    what: "the books agreeing with the chain",
    look,
    until: ({ block, chain, ledger, ledgerDifference, acceptedUnpaid }) =>
      BigInt(block) >= BigInt(finalizedBlock) &&
      whole(chain) &&
      whole(ledger) &&
      parts(ledgerDifference, decimals) === 0n &&
      parts(acceptedUnpaid, decimals) === 0n &&
      names.every((name) => parts(chain[name], decimals) === parts(ledger[name], decimals)),
    deadlineMs: FINAL_DEADLINE_MS,
  });
  narrator.line("chain and ledger, read apart, say the same to the last part of a cent");
  const { minted, wallets, cards, owed, paidOut } = answer.chain;
  return {
    minted,
    wallets,
    cards,
    owed,
    paidOut,
    acceptedUnpaid: answer.acceptedUnpaid,
    ledgerDifference: answer.ledgerDifference,
  };
}
