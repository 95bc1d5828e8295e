import type { Card, DemoStack, TapAnswer } from "@tallystick/demo";
import { startCardhost } from "@tallystick/stack";
import { isPayment, isQuestion, type PricedCommand, priceRows, readPrices } from "./chip-prices.ts";
import type { Row } from "../row.ts";

/**
 * Two sales of one merchant's terminal with the same card: at the first it meets the card, at the second it knows it. The
 * commands are the terminal's own, whatever it sends; their prices are the model's, on every chip by every medium.
 */
export async function benchPrices(
  { stack, card }: { readonly stack: DemoStack; readonly card: Card },
  emit: (row: Row) => void,
): Promise<void> {
  const { slot, http } = stack.merchants.A;
  await card.remove();
  const { folder } = card.copy("prices");
  // The terminal began before the card was issued: without the newest list it is no card of the issuer's.
  await http().post("/v1/sync");
  for (const what of ["first meeting", "known card"]) {
    const host = await startCardhost({ ...slot.cardhost, state: folder, prices: true });
    const amount = what === "known card" ? "0.02" : "0.01";
    const answer = await http().post<TapAnswer>("/v1/taps", { amount, saleId: `bench-${what.replace(" ", "-")}` });
    if (answer.outcome !== "accepted") throw new Error(`the sale was ${answer.outcome}: ${answer.code ?? ""}`);
    const commands: PricedCommand[] = [];
    for (let paid = false; !paid;) {
      const command = readPrices(await host.nextEvent("prices"));
      commands.push(command);
      paid = isPayment(command);
    }
    // The card stays until it was asked for its short forms: else the next sale would not know that it has them.
    if (what === "first meeting") while (!isQuestion(readPrices(await host.nextEvent("prices"))));
    await host.stop();
    for (const row of priceRows(commands, what)) emit(row);
  }
}
