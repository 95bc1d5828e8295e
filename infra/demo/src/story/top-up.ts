import { FINAL_DEADLINE_MS, LOADED_UNITS } from "../limits.ts";
import { poll } from "../stack/poll.ts";
import type { DemoStack } from "../stack/demo-stack.ts";
import type { TopUpReport } from "../report/report.ts";
import type { IssuedCard } from "./issue-card.ts";
import type { Narrator } from "./narrator.ts";
import { tap } from "./offline.ts";
import { upload } from "./settling.ts";

/** What the issuer puts behind a card that is in its cardholder's pocket. */
const ADDED = "15.00";
/** What was given back to the card before, and the top-up: both reach it in one allowance. */
const GIVEN_BACK_AND_ADDED = "16.80";
/** More than was left before, and more than the top-up alone would allow. */
const SPENT = "23.00";

/** maxSpent of an allowance's body: 6 bytes behind key id and seq. */
function maxSpentOf(body: string): bigint {
  return BigInt(`0x${body.slice(12, 24)}`);
}

/**
 * A top-up, and the refund of before, reach a card that never comes back to its issuer: settlement allows
 * them by itself, a terminal carries the allowance, and the card takes it at an ordinary tap.
 */
export async function spendTopUp(stack: DemoStack, narrator: Narrator, card: IssuedCard): Promise<TopUpReport> {
  const { issuer, operator } = stack.settlement;
  const merchant = stack.merchants.A;
  const { id } = await issuer.post<{ id: string }>(`/v1/cards/${card.address}/fundings`, {
    ...{ amount: ADDED, key: "top-up", reason: "The demo tops a card up." },
  });
  const ask = async (): Promise<{ state: string }> => await issuer.get<{ state: string }>(`/v1/fundings/${id}`);
  await poll({ what: "the top-up", ask, until: ({ state }) => state === "final", deadlineMs: FINAL_DEADLINE_MS });
  await poll({
    what: "the card's newest allowance",
    ask: async () => await issuer.get<{ body: string }>(`/v1/cards/${card.address}/allowances/latest`),
    until: ({ body }) => maxSpentOf(body) >= LOADED_UNITS,
    deadlineMs: FINAL_DEADLINE_MS,
  });
  narrator.line(`the issuer puts ${ADDED} behind ada's card, which is in her pocket`);
  await upload(narrator, merchant);
  await card.card.insert(merchant.slot);
  const report = await tap({
    ...{ narrator, step: "topped-up", merchant, amount: SPENT, saleId: "A-6" },
    expected: { outcome: "accepted", sw: "9000" },
  });
  await card.card.remove();
  if (report.added !== GIVEN_BACK_AND_ADDED)
    narrator.wrong(`the tap added ${report.added ?? "nothing"}, expected ${GIVEN_BACK_AND_ADDED}`);
  else narrator.line(`${report.added} added at that tap, the refund among it: the card never saw its issuer again`);
  await upload(narrator, merchant);
  const { voucherId } = report;
  await poll({
    what: "the payment from the top-up",
    ask: async () => await operator.get<{ state: string }>(`/v1/vouchers/${voucherId ?? ""}`),
    until: ({ state }) => state === "final",
    deadlineMs: FINAL_DEADLINE_MS,
  });
  return {
    ...{ merchant: "A", card: card.address, voucherId: voucherId ?? "", amount: SPENT },
    ...{ added: report.added ?? "0", apdus: report.apdus },
  };
}
