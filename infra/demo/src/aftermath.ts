import type { IssuedCard } from "./issuer-office.ts";
import { runCommand } from "./app-process.ts";
import type { Narrator } from "./narrator.ts";
import { poll, tap } from "./offline.ts";
import { type ClaimReport, type RefundReport, short } from "./report.ts";
import { upload } from "./settling.ts";
import type { Shop, TapAnswer } from "./shop.ts";
import type { World } from "./world.ts";

/** Longest wait for something to become final, as in the chapters before. */
const FINAL_DEADLINE_MS = 180_000;

interface RefundAnswer {
  readonly state: string;
  readonly tx: string | null;
  readonly message: string;
}

async function waitForVoucher(world: World, voucherId: string, state: string): Promise<void> {
  await poll({
    what: `voucher ${short(voucherId)} being ${state}`,
    look: async () => await world.settlement.operator.get<{ state: string }>(`/v1/vouchers/${voucherId}`),
    until: (answer) => answer.state === state,
    deadlineMs: FINAL_DEADLINE_MS,
  });
}

async function sell(
  narrator: Narrator,
  sale: { card: IssuedCard; shop: Shop; amount: string; saleId: string },
): Promise<{ tapId: string; card: string; voucherId: string }> {
  const { card, shop, amount, saleId } = sale;
  await card.card.insert(shop.slot);
  const expected = { outcome: "accepted", sw: "9000" } as const;
  const report = await tap({ narrator, step: "good", shop, amount, saleId, expected });
  await card.card.remove();
  const { taps } = await shop.http().get<{ taps: readonly (TapAnswer & { saleId: string })[] }>("/v1/taps");
  const tapId = taps.find((each) => each.saleId === saleId)?.id;
  if (tapId === undefined || report.voucherId === null) throw new Error(`shop ${shop.name} forgot sale ${saleId}`);
  return { tapId, card: report.card, voucherId: report.voucherId };
}

/** A customer brings the goods back: a payment that is final goes back to its card, and the card may spend it again. */
export async function giveBack(world: World, narrator: Narrator, card: IssuedCard): Promise<RefundReport> {
  const shop = world.shops.A;
  const amount = "1.80";
  const { tapId, voucherId, card: address } = await sell(narrator, { card, shop, amount, saleId: "A-5" });
  await upload(narrator, shop);
  await waitForVoucher(world, voucherId, "final");
  // The till asks by itself in its own time; here it asks at once, and so knows that it was paid.
  await shop.http().post("/v1/sync");
  const ask = async (): Promise<RefundAnswer> =>
    await shop.http().post<RefundAnswer>(`/v1/taps/${tapId}/refund`, { refundId: "goods-returned" });
  narrator.line(`shop A gives ${amount} back: ${(await ask()).message}`);
  const refund = await poll({
    what: "the refund",
    look: ask,
    until: ({ state }) => state === "refunded" || state === "refused",
    deadlineMs: FINAL_DEADLINE_MS,
  });
  if (refund.state !== "refunded" || refund.tx === null)
    narrator.wrong(`the refund is ${refund.state}: ${refund.message}`);
  await waitForVoucher(world, voucherId, "refunded");
  narrator.line(`voucher ${short(voucherId)} is refunded; however often the till asks, it is given back once`);
  return { shop: "A", card: address, voucherId, amount, state: refund.state, tx: refund.tx ?? "" };
}

/** Settlement is gone for good, for all the shop knows: it brings its voucher to the vault by itself and takes its money out. */
export async function claimAlone(world: World, narrator: Narrator, card: IssuedCard): Promise<ClaimReport> {
  const shop = world.shops.B;
  const amount = "1.35";
  await world.settlement.process().kill();
  narrator.line("settlement is killed; only cards, tills and the chain are left");
  const { voucherId, card: address } = await sell(narrator, { card, shop, amount, saleId: "B-5" });
  await shop.process().stop();
  const outcome = await runCommand({
    program: world.programs.gateway,
    args: ["claim", "--config", shop.configFile, "--rpc", world.anvil.rpc, "--key-file", shop.payeeKeyFile],
    folder: world.folder.path,
    name: "claim-B",
  });
  const line = (event: string): Record<string, unknown> => outcome.lines.find((each) => each["event"] === event) ?? {};
  const done = line("done");
  const tx = String(line("settled")["tx"] ?? "");
  const withdrawn = String(done["withdrawn"] ?? "");
  if (outcome.code !== 0 || done["settled"] !== 1) narrator.wrong(`the claim of shop B failed:\n${outcome.text}`);
  else narrator.line(`shop B settles its voucher by itself (${short(tx)}) and withdraws ${withdrawn}`);
  await world.settlement.start();
  await shop.start();
  await upload(narrator, shop);
  await waitForVoucher(world, voucherId, "final");
  narrator.line(`settlement is back and finds voucher ${short(voucherId)} paid; it is not paid again`);
  return { shop: "B", card: address, voucherId, amount, settled: Number(done["settled"] ?? 0), withdrawn, tx };
}
