import { spendTopUp } from "./top-up.ts";
import { claimAlone, refundSale } from "./refund-and-claim.ts";
import type { Narrator } from "./narrator.ts";
import { cutNetwork, restoreNetwork, tap } from "./offline.ts";
import { type IssuedCard, issueCard } from "./issue-card.ts";
import type { DemoReport, TapReport } from "../report/report.ts";
import { batchesOf, forksOf, moneyOf, payOut, settleAll, upload } from "./settling.ts";
import type { DemoStack } from "../stack/demo-stack.ts";

/** Three cards for three cardholders. */
async function issueCards(
  stack: DemoStack,
  narrator: Narrator,
): Promise<{ ada: IssuedCard; bea: IssuedCard; cyd: IssuedCard }> {
  narrator.chapter("The issuer turns three blank cards into money");
  const ada = await issueCard(stack, narrator, "ada");
  const bea = await issueCard(stack, narrator, "bea");
  const cyd = await issueCard(stack, narrator, "cyd");
  await stack.settlement.issuer.put(`/v1/cards/${cyd.address}/status`, {
    status: "revoked",
    reason: "reported stolen",
  });
  narrator.line("cyd's card is reported and revoked");
  return { ada, bea, cyd };
}

/** Both merchants fetch what they need to sell without a network. */
async function prepareMerchants(stack: DemoStack, narrator: Narrator): Promise<void> {
  for (const merchant of [stack.merchants.A, stack.merchants.B]) {
    await merchant.http().post("/v1/sync");
    const readiness = await merchant
      .http()
      .get<{ ready: boolean; reasons: readonly { code: string; message: string }[] }>("/v1/readiness");
    const reasons = readiness.reasons.filter((reason) => !reason.code.includes("CARD"));
    if (!readiness.ready && reasons.length > 0)
      narrator.wrong(`merchant ${merchant.name} is not ready: ${JSON.stringify(reasons)}`);
    else narrator.line(`merchant ${merchant.name} holds the status list and is ready to sell without a network`);
  }
}

/** What happens while there is nobody but cards and terminals. */
async function sellOffline(
  stack: DemoStack,
  narrator: Narrator,
  cards: { ada: IssuedCard; bea: IssuedCard; cyd: IssuedCard },
): Promise<TapReport[]> {
  const { A, B } = stack.merchants;
  const taps: TapReport[] = [];
  const pay = async (
    step: TapReport["step"],
    merchant: typeof A,
    amount: string,
    saleId: string,
    expected: Parameters<typeof tap>[0]["expected"],
  ): Promise<TapReport> => {
    const report = await tap({ narrator, step, merchant, amount, saleId, expected });
    taps.push(report);
    return report;
  };
  const accepted = { outcome: "accepted", sw: "9000" } as const;

  await cards.ada.card.insert(A.slot);
  await pay("good", A, "2.50", "A-1", accepted);
  await pay("good", A, "4.05", "A-2", accepted);
  narrator.line("now more than is left on the card; the card itself refuses");
  await pay("over-cap", A, "30.00", "A-3", { outcome: "refused", sw: "9E06" });
  await cards.ada.card.remove();

  narrator.line("now the revoked card; the terminal refuses before any money moves");
  await cards.cyd.card.insert(B.slot);
  await pay("revoked", B, "1.00", "B-1", { outcome: "refused" });
  await cards.cyd.card.remove();

  narrator.line("now the card is pulled away after it committed and before it answered");
  const host = await cards.ada.card.insert(B.slot, { event: 1, when: "after" });
  const torn = await pay("torn", B, "3.20", "B-2", { outcome: "unresolved" });
  await host.nextEvent("torn");
  narrator.line("put back, the same sale reads the same voucher; nothing is debited twice");
  const repeat = await pay("repeat", B, "3.20", "B-2", accepted);
  if (repeat.counter !== torn.counter)
    narrator.wrong(`the repeat has counter ${repeat.counter}, the torn tap had ${torn.counter}`);
  const after = await pay("good", B, "0.75", "B-3", accepted);
  if (after.spentBefore !== repeat.spentAfter)
    narrator.wrong(`after the repeat the card says ${after.spentBefore}, expected ${repeat.spentAfter}`);
  await cards.ada.card.remove();

  narrator.line("now bea's card is copied; both copies spend the same counter, one at each merchant");
  const copy = cards.bea.card.copy("bea-copy");
  await cards.bea.card.insert(A.slot);
  await copy.insert(B.slot);
  const first = await pay("clone", A, "6.00", "A-4", accepted);
  const second = await pay("clone", B, "7.40", "B-4", accepted);
  if (first.counter !== second.counter)
    narrator.wrong(`the copies used counters ${first.counter} and ${second.counter}`);
  await cards.bea.card.remove();
  await copy.remove();
  return taps;
}

/** The whole demonstration; answers its report. */
export async function tellStory(stack: DemoStack, narrator: Narrator, startedMs: number): Promise<DemoReport> {
  const cards = await issueCards(stack, narrator);
  await prepareMerchants(stack, narrator);

  narrator.chapter("The network is cut: no settlement, no chain");
  await cutNetwork(stack, narrator);
  const taps = await sellOffline(stack, narrator, cards);

  narrator.chapter("The network is back");
  await restoreNetwork(stack, narrator);
  const { A, B } = stack.merchants;
  const uploads = [await upload(narrator, A), await upload(narrator, B), await upload(narrator, A, { again: true })];

  narrator.chapter("Settlement finds the copy, pays what is owed and waits until it is final");
  await settleAll(stack, narrator, taps);
  const forks = await forksOf(stack, narrator, taps);
  await payOut(stack, narrator);

  narrator.chapter("A refund, a top-up, and a merchant that claims without any settlement");
  const refund = await refundSale(stack, narrator, cards.ada);
  const topUp = await spendTopUp(stack, narrator, cards.ada);
  const claim = await claimAlone(stack, narrator, cards.ada);

  narrator.chapter("The books are closed");
  const batches = await batchesOf(stack, narrator);
  const money = await moneyOf(stack, narrator);
  return {
    schema: "tallystick.demo/1",
    ok: narrator.faults.length === 0,
    seconds: Math.round((performance.now() - startedMs) / 100) / 10,
    taps,
    uploads,
    forks,
    batches,
    money,
    refund,
    topUp,
    claim,
  };
}
