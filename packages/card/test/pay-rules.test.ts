import { readFileSync } from "node:fs";
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
import { pay, updateAllowance } from "../src/index.ts";
import { body, domain, issuer, MemoryStore, personalized, request } from "../src/testing/issued-card.ts";

// The rules of a payment at their bounds (spec §4.5), asked of the software card; PayRuleTest asks them of the applet.

interface AllowanceRules {
  readonly maxSpent: string;
  readonly maxCounter: number;
  readonly perTap: string;
  readonly pinAbove: string;
  readonly noPinSum: string;
  readonly noPinCount: number;
  readonly notBefore: number;
  readonly notAfter: number;
  readonly categories: string;
  readonly flags: number;
}

interface Request {
  readonly amount: string;
  readonly time: number;
  readonly category: number;
}

interface Rules {
  readonly allowance: AllowanceRules;
  readonly request: Request;
  readonly cases: readonly {
    readonly name: string;
    readonly allowance?: Partial<AllowanceRules>;
    readonly before?: readonly string[];
    readonly request?: Partial<Request>;
    readonly sw: string;
  }[];
}

const rules = JSON.parse(readFileSync(new URL("../../../docs/spec/pay-rules.json", import.meta.url), "utf8")) as Rules;

async function cardUnder(changes: Partial<AllowanceRules>) {
  const store = new MemoryStore();
  const { card, cardKey } = await personalized(store);
  const { maxSpent, perTap, pinAbove, noPinSum, categories, ...numbers } = { ...rules.allowance, ...changes };
  const newer = {
    ...body,
    ...numbers,
    seq: 2,
    maxSpent: BigInt(maxSpent),
    perTap: BigInt(perTap),
    pinAbove: BigInt(pinAbove),
    noPinSum: BigInt(noPinSum),
    categories: BigInt(categories),
  };
  const bytes = encodeAllowance({ domain, card: addressOfKey(uncompressKey(cardKey)), body: newer });
  const signature = await issuer.sign(digestOf(bytes));
  const updated = await updateAllowance(card.transmit, { body: encodeAllowanceBody(newer), signature });
  if (!updated.ok) throw new Error(updated.message);
  return { store, card, cardKey };
}

describe("a payment", () => {
  it.each(rules.cases)("$name: $sw", async ({ allowance = {}, before = [], request: changes = {}, sw }) => {
    const { store, card, cardKey } = await cardUnder(allowance);
    const send = async (counter: number, { amount, time, category }: Request) => {
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
