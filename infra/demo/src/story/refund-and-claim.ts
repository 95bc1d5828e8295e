import { FINAL_DEADLINE_MS } from "../limits.ts";
import type { IssuedCard } from "./issue-card.ts";
import { runCommand } from "../stack/app-process.ts";
import type { Narrator } from "./narrator.ts";
import { poll } from "../stack/poll.ts";
import { tap } from "./offline.ts";
import { type ClaimReport, type RefundReport, short } from "../report/report.ts";
import { upload } from "./settling.ts";
import type { Merchant, TapAnswer } from "../stack/merchant.ts";
import type { DemoStack } from "../stack/demo-stack.ts";

interface RefundAnswer {
  readonly state: string;
  readonly tx: string | null;
  readonly message: string;
}

async function waitForVoucher(stack: DemoStack, voucherId: string, state: string): Promise<void> {
  await poll({
    what: `voucher ${short(voucherId)} being ${state}`,
    ask: async () => await stack.settlement.operator.get<{ state: string }>(`/v1/vouchers/${voucherId}`),
    until: (answer) => answer.state === state,
    deadlineMs: FINAL_DEADLINE_MS,
  });
}

async function sell(
  narrator: Narrator,
  sale: { card: IssuedCard; merchant: Merchant; amount: string; saleId: string },
): Promise<{ tapId: string; card: string; voucherId: string }> {
  const { card, merchant, amount, saleId } = sale;
  await card.card.insert(merchant.slot);
  const expected = { outcome: "accepted", sw: "9000" } as const;
  const report = await tap({ narrator, step: "good", merchant, amount, saleId, expected });
  await card.card.remove();
  const { taps } = await merchant.http().get<{ taps: readonly (TapAnswer & { saleId: string })[] }>("/v1/taps");
  const tapId = taps.find((each) => each.saleId === saleId)?.id;
  if (tapId === undefined || report.voucherId === null)
    throw new Error(`merchant ${merchant.name} has no tap of sale ${saleId}`);
  return { tapId, card: report.card, voucherId: report.voucherId };
}

/** A customer returns the goods: a payment that is final is refunded to its card, and the card may spend it again. */
export async function refundSale(stack: DemoStack, narrator: Narrator, card: IssuedCard): Promise<RefundReport> {
  const merchant = stack.merchants.A;
  const amount = "1.80";
  const { tapId, voucherId, card: address } = await sell(narrator, { card, merchant, amount, saleId: "A-5" });
  await upload(narrator, merchant);
  await waitForVoucher(stack, voucherId, "final");
  // The terminal asks by itself in its own time; here it asks at once, and so knows that it was paid.
  await merchant.http().post("/v1/sync");
  const ask = async (): Promise<RefundAnswer> =>
    await merchant.http().post<RefundAnswer>(`/v1/taps/${tapId}/refund`, { refundId: "goods-returned" });
  narrator.line(`merchant A refunds ${amount}: ${(await ask()).message}`);
  const refund = await poll({
    what: "the refund",
    ask,
    until: ({ state }) => state === "refunded" || state === "refused",
    deadlineMs: FINAL_DEADLINE_MS,
  });
  if (refund.state !== "refunded" || refund.tx === null)
    narrator.wrong(`the refund is ${refund.state}: ${refund.message}`);
  await waitForVoucher(stack, voucherId, "refunded");
  narrator.line(`voucher ${short(voucherId)} is refunded; however often the terminal asks, it is refunded once`);
  return { merchant: "A", card: address, voucherId, amount, state: refund.state, tx: refund.tx ?? "" };
}

/** Settlement is gone, and the merchant cannot know for how long: it settles its voucher by itself and withdraws its money. */
export async function claimAlone(stack: DemoStack, narrator: Narrator, card: IssuedCard): Promise<ClaimReport> {
  const merchant = stack.merchants.B;
  const amount = "1.35";
  await stack.settlement.process().kill();
  narrator.line("settlement is killed; only cards, terminals and the chain are left");
  const { voucherId, card: address } = await sell(narrator, { card, merchant, amount, saleId: "B-5" });
  await merchant.process().stop();
  const outcome = await runCommand({
    program: stack.programs.gateway,
    args: [
      ...["claim", "--config", merchant.configFile, "--rpc-url", stack.anvil.rpc],
      ...["--key-file", merchant.payeeKeyFile, "--json"],
    ],
    folder: stack.folder.path,
    name: "claim-B",
  });
  const line = (event: string): Record<string, unknown> => outcome.lines.find((each) => each["event"] === event) ?? {};
  const done = line("done");
  const tx = String(line("settled")["tx"] ?? "");
  const withdrawn = String(done["withdrawn"] ?? "");
  if (outcome.code !== 0 || done["settled"] !== 1) narrator.wrong(`the claim of merchant B failed:\n${outcome.text}`);
  else narrator.line(`merchant B settles its voucher by itself (${short(tx)}) and withdraws ${withdrawn}`);
  await stack.settlement.start();
  await merchant.start();
  await upload(narrator, merchant);
  await waitForVoucher(stack, voucherId, "final");
  narrator.line(`settlement is back and finds voucher ${short(voucherId)} paid; it is not paid again`);
  return { merchant: "B", card: address, voucherId, amount, settled: Number(done["settled"] ?? 0), withdrawn, tx };
}
