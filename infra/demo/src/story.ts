import { claimAlone, giveBack } from "./aftermath.ts";
import type { Narrator } from "./narrator.ts";
import { cutNetwork, restoreNetwork, tap } from "./offline.ts";
import { type IssuedCard, issueCard } from "./issuer-office.ts";
import type { DemoReport, TapReport } from "./report.ts";
import { batchesOf, forksOf, moneyOf, payOut, settleAll, upload } from "./settling.ts";
import type { World } from "./world.ts";

/** Three cards for three holders. */
async function issueCards(
  world: World,
  narrator: Narrator,
): Promise<{ ada: IssuedCard; bea: IssuedCard; cyd: IssuedCard }> {
  narrator.chapter("The issuer turns three blank cards into money");
  const ada = await issueCard(world, narrator, "ada");
  const bea = await issueCard(world, narrator, "bea");
  const cyd = await issueCard(world, narrator, "cyd");
  await world.settlement.issuer.put(`/v1/cards/${cyd.address}/status`, { status: "revoked" });
  narrator.line("cyd's card is reported and revoked");
  return { ada, bea, cyd };
}

/** Both shops fetch what they need to be alone. */
async function prepareShops(world: World, narrator: Narrator): Promise<void> {
  for (const shop of [world.shops.A, world.shops.B]) {
    await shop.http().post("/v1/sync");
    const readiness = await shop
      .http()
      .get<{ ready: boolean; reasons: readonly { code: string; message: string }[] }>("/v1/readiness");
    const reasons = readiness.reasons.filter((reason) => !reason.code.includes("CARD"));
    if (!readiness.ready && reasons.length > 0)
      narrator.wrong(`shop ${shop.name} is not ready: ${JSON.stringify(reasons)}`);
    else narrator.line(`shop ${shop.name} holds the status list and is ready to sell alone`);
  }
}

/** What happens while nobody but cards and tills is there. */
async function sellOffline(
  world: World,
  narrator: Narrator,
  cards: { ada: IssuedCard; bea: IssuedCard; cyd: IssuedCard },
): Promise<TapReport[]> {
  const { A, B } = world.shops;
  const taps: TapReport[] = [];
  const pay = async (
    step: TapReport["step"],
    shop: typeof A,
    amount: string,
    saleId: string,
    expected: Parameters<typeof tap>[0]["expected"],
  ): Promise<TapReport> => {
    const report = await tap({ narrator, step, shop, amount, saleId, expected });
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

  narrator.line("now the revoked card; the till refuses before any money moves");
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

  narrator.line("now bea's card is copied; both copies spend the same counter, one in each shop");
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
export async function tellStory(world: World, narrator: Narrator, startedMs: number): Promise<DemoReport> {
  const cards = await issueCards(world, narrator);
  await prepareShops(world, narrator);

  narrator.chapter("The network is cut: no settlement, no chain");
  await cutNetwork(world, narrator);
  const taps = await sellOffline(world, narrator, cards);

  narrator.chapter("The network is back");
  await restoreNetwork(world, narrator);
  const { A, B } = world.shops;
  const uploads = [await upload(narrator, A), await upload(narrator, B), await upload(narrator, A, { again: true })];

  narrator.chapter("Settlement finds the copy, pays what is owed and waits until it is final");
  await settleAll(world, narrator, taps);
  const forks = await forksOf(world, narrator, taps);
  await payOut(world, narrator);

  narrator.chapter("A refund, and a shop that claims without any settlement");
  const refund = await giveBack(world, narrator, cards.ada);
  const claim = await claimAlone(world, narrator, cards.ada);

  narrator.chapter("The books are closed");
  const batches = await batchesOf(world, narrator);
  const money = await moneyOf(world, narrator);
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
    claim,
  };
}
