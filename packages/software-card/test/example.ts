import { pay, select } from "@tallystick/card";
import { openSoftwareCard, type SoftwareCardOptions } from "../src/index.ts";
import type { PayAnswer, SelectAnswer } from "@tallystick/protocol";

export async function payOnce(
  options: SoftwareCardOptions,
  requestFor: (card: SelectAnswer) => Uint8Array,
): Promise<PayAnswer> {
  const card = await openSoftwareCard(options);
  const selected = await select(card.transmit);
  if (!selected.ok || selected.value.kind !== "personalized") throw new Error("this card has not been issued yet");
  const answer = await pay(card.transmit, requestFor(selected.value.answer));
  if (!answer.ok) throw new Error(answer.message);
  return answer.value;
}
