import { describe, expect, it } from "@jest/globals";
import { formatStatusWord } from "@tallystick/apdu";
import {
  addressOfKey,
  digestOf,
  encodeAllowance,
  encodeAllowanceBody,
  encodePayRequest,
  uncompressKey,
} from "@tallystick/protocol";
import {
  payRules as rules,
  ruledAllowance,
  type AllowanceRules,
  type RuledRequest,
} from "@tallystick/protocol/testing";
import { pay, updateAllowance } from "@tallystick/card";
import { body, domain, issuer, MemoryStore, personalized, request } from "../src/testing/issued-card.ts";

// The rules of a payment at their bounds (spec §4.5), asked of the software card; PayRuleTest asks
// them of the applet.

async function cardUnder(changes: Partial<AllowanceRules>) {
  const store = new MemoryStore();
  const { card, cardKey } = await personalized(store);
  const newer = { ...ruledAllowance(body, changes), seq: 2 };
  const bytes = encodeAllowance({ domain, card: addressOfKey(uncompressKey(cardKey)), body: newer });
  const signature = await issuer.sign(digestOf(bytes));
  const updated = await updateAllowance(card.transmit, { body: encodeAllowanceBody(newer), signature });
  if (!updated.ok) throw new Error(updated.message);
  return { store, card, cardKey };
}

describe("a payment", () => {
  it.each(rules.cases)("$name: $sw", async ({ allowance = {}, before = [], request: changes = {}, sw }) => {
    const { store, card, cardKey } = await cardUnder(allowance);
    const send = async (counter: number, { amount, time, category }: RuledRequest) => {
      // Encoded as one that a codec takes, and its category then set: a terminal may send any byte.
      const bytes = encodePayRequest({ ...request(cardKey, counter, BigInt(amount)), time });
      bytes[66] = category;
      const answer = await pay(card.transmit, bytes);
      return answer.ok ? "9000" : formatStatusWord(answer.sw);
    };
    for (const [index, amount] of before.entries())
      expect(await send(index + 1, { ...rules.request, amount })).toBe("9000");
    const saves = store.saves;
    expect(await send(before.length + 1, { ...rules.request, ...changes })).toBe(sw);
    expect(store.saves).toBe(sw === "9000" ? saves + 1 : saves);
  });
});
