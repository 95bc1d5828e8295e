import { afterEach, describe, expect, it } from "@jest/globals";
import {
  cardStates,
  decodeSelectAnswer,
  decodeShortSelectAnswer,
  decodeSignature,
  encodeDerSignature,
  encodeSelectAnswer,
  encodeShortSelectAnswer,
  type SelectAnswer,
  type Signer,
} from "@tallystick/protocol";
import type { Lies } from "../../test/harness/test-card.ts";
import { testSigner } from "../../test/harness/test-terminal.ts";
import { PRICE, TerminalSuite } from "../../test/harness/terminal-suite.ts";

const suite = new TerminalSuite();

afterEach(() => {
  suite.removeAll();
});

/** A card that the terminal asks in this form from the next tap on; it has paid one unit. */
async function metCard(form: "short" | "long") {
  const { terminal, card } = await suite.withCard();
  card.shortForms = form === "short";
  expect(await terminal.tap(1n)).toMatchObject({ outcome: "accepted", counter: 1 });
  await terminal.gateway.engine.rest();
  return { terminal, card };
}

describe.each(["long", "short"] as const)("a card that lies in the %s form", (form) => {
  const wrong = new Uint8Array(32).fill(0xee);
  const selectLies: readonly [string, Parameters<typeof lie>[0], string][] = [
    ["cardTag", () => ({ cardTag: new Uint8Array(8) }), "DOMAIN_NOT_SERVED"],
    ["cardKey", () => ({ cardKey: testSigner("other card").publicKey }), "DOMAIN_NOT_SERVED"],
    ["allowance signature", () => ({ allowanceSignature: new Uint8Array(64).fill(1) }), "ALLOWANCE_SIGNATURE_WRONG"],
    ["counter", (answer) => ({ counter: answer.counter + 5 }), "CARD_OUT_OF_TURN"],
    ["spent", (answer) => ({ spent: answer.spent - 1n }), "SPENT_MISMATCH"],
    ["head", () => ({ head: wrong }), "LINK_MISMATCH"],
    ["state, as suspended,", () => ({ state: cardStates.suspended }), "CARD_SUSPENDED"],
    ["state, as terminated,", () => ({ state: cardStates.terminated }), "CARD_TERMINATED"],
    ["noPinUsed", () => ({ noPinUsed: 499_999_999n }), "OVER_NO_PIN"],
    ["noPinTaps", () => ({ noPinTaps: 254 }), "OVER_NO_PIN"],
  ];
  const unsaid: ReadonlySet<string> = new Set(["cardKey", "allowance signature"]);
  function lie(change: (answer: SelectAnswer) => Partial<SelectAnswer>): Lies {
    return { select: (answer) => ({ ...answer, ...change(answer) }) };
  }

  it.each(selectLies)("about %s in SELECT is named", async (name, change, code) => {
    const { terminal, card } = await metCard(form);
    card.lies = lie(change);
    const result = await terminal.tap(PRICE);
    // Key and signature are not in the short answer: the terminal's own are true.
    if (form === "short" && unsaid.has(name)) expect(result).toMatchObject({ outcome: "accepted", counter: 2 });
    else expect(result).toMatchObject({ outcome: "refused", code, voucherId: null });
    expect(card.receivedShort.includes(0xa4)).toBe(form === "short");
  });

  it.each(["suspended", "terminated"] as const)("about a state of %s is refused by the card itself", async (state) => {
    const { terminal, card } = await metCard(form);
    card.state = cardStates[state];
    card.lies = { raw: (ins, response, p2) => (ins === 0xa4 ? asPersonalized(response, p2 === 4) : response) };
    expect(await terminal.tap(PRICE)).toMatchObject({ outcome: "refused", code: "CARD_STATE", apdus: 2 });
    expect(card).toMatchObject({ counter: 1, spent: 1n });
    expect(card.receivedShort).toEqual(form === "short" ? [0xa4, 0x10] : []);
  });

  it("about what it has spent, and signs it, is named by what the terminal saw of it", async () => {
    const { terminal, card } = await metCard(form);
    card.spent += 1n;
    expect(await terminal.tap(PRICE)).toMatchObject({ outcome: "refused", code: "SIGHTING_MISMATCH", apdus: 2 });
  });

  it("about its head, and signs it, is named by what the terminal saw of it", async () => {
    const { terminal, card } = await metCard(form);
    card.lies = {
      select: (answer) => ({ ...answer, head: wrong }),
      pay: async (answer, _, resign) => await resign({ ...answer, link: wrong }),
    };
    expect(await terminal.tap(PRICE)).toMatchObject({ outcome: "refused", code: "SIGHTING_MISMATCH", apdus: 2 });
  });

  type PayChange = (answer: { counter: number; spent: bigint; allowanceSeq: number }) => object;
  const payLies: readonly [string, PayChange, string][] = [
    ["counter", (answer) => ({ counter: answer.counter + 1 }), "COUNTER_MISMATCH"],
    ["spent", (answer) => ({ spent: answer.spent + 1n }), "SPENT_MISMATCH"],
    ["allowance seq", (answer) => ({ allowanceSeq: answer.allowanceSeq + 1 }), "SEQ_MISMATCH"],
    ["link", () => ({ link: wrong }), "LINK_MISMATCH"],
    ["cvm", () => ({ cvm: 1 }), "CVM_MISMATCH"],
  ];
  it.each(payLies)(
    "about %s in PAY, and signs it, is named and its voucher kept as evidence",
    async (_, change, code) => {
      const { terminal, card } = await metCard(form);
      card.lies = { pay: async (answer, __, resign) => await resign({ ...answer, ...change(answer) }) };
      const result = await terminal.tap(PRICE);
      // Nobody signs the counter of the answer, and the short one has none.
      if (form === "short" && code === "COUNTER_MISMATCH") {
        expect(result).toMatchObject({ outcome: "accepted", counter: 2 });
        return;
      }
      expect(result).toMatchObject({ outcome: "refused", code, voucherId: null });
      const kept = terminal.gateway.journal.taps.byId(result.id);
      expect(kept?.answer?.length).toBeGreaterThan(100);
      expect(terminal.gateway.journal.vouchers.unsent(terminal.config.domains[0]?.domainBytes ?? wrong)).toMatchObject({
        count: 1,
      });
      expect(card.counter).toBe(2);
    },
  );

  it.each(payLies)("about %s in PAY without signing it is caught by its signature", async (name, change) => {
    const { terminal, card } = await metCard(form);
    card.lies = { pay: async (answer) => ({ ...answer, ...change(answer) }) };
    const result = await terminal.tap(PRICE);
    // Of these fields the short answer says the cvm alone; the others are the terminal's own there.
    if (form === "long" || name === "cvm") expect(result).toMatchObject({ outcome: "refused", voucherId: null });
    else expect(result).toMatchObject({ outcome: "accepted", spentAfter: PRICE + 1n, apdus: 2 });
    expect(card.counter).toBe(2);
  });

  it("with another key's signature is refused", async () => {
    const { terminal, card } = await metCard(form);
    const other = await terminal.card("thief");
    card.lies = { pay: async (answer) => ({ ...answer, signature: await signature(other.signer, answer.counter) }) };
    expect(await terminal.tap(PRICE)).toMatchObject({ outcome: "refused", code: "VOUCHER_SIGNATURE_WRONG" });
  });

  it("whose good signature was spoilt on the way is asked again when it comes back, and its value goes back", async () => {
    const { terminal, card } = await metCard(form);
    const spoil = (ins: number, response: Uint8Array) =>
      ins === 0x10 ? response.map((byte, index) => (index === response.length - 3 ? byte ^ 1 : byte)) : response;
    card.lies = { raw: spoil };
    const spoilt = await terminal.tap(PRICE);
    expect(spoilt).toMatchObject({ outcome: "refused", code: "VOUCHER_SIGNATURE_WRONG", voucherId: null });
    const { journal } = terminal.gateway;
    expect(journal.taps.byId(spoilt.id)).toMatchObject({ state: "reversed", readBack: false });
    expect(journal.reversals.has(spoilt.id)).toBe(true);
    card.lies = {};
    expect(await terminal.tap(1n)).toMatchObject({ outcome: "accepted", counter: 3, spentAfter: PRICE + 2n });
    expect(journal.taps.byId(spoilt.id)).toMatchObject({ state: "reversed", readBack: true });
    const packed = journal.vouchers.toPack(terminal.config.domains[0]?.domainBytes ?? wrong, 10);
    const kept = packed.find(({ tapId }) => tapId === spoilt.id);
    expect(kept).toMatchObject({ tapId: spoilt.id, reversed: true, amount: PRICE });
    expect((await terminal.tap(1n)).apdus).toBe(2);
  });

  it("with an unreadable answer leaves the tap open, and the truth is read later", async () => {
    const { terminal, card } = await metCard(form);
    card.lies = {
      raw: (ins, response) => (ins === 0x10 ? Uint8Array.from([...response.subarray(0, 60), 0x90, 0x00]) : response),
    };
    expect(await terminal.tap(PRICE)).toMatchObject({ outcome: "unresolved", code: "CARD_ANSWER_MALFORMED" });
    card.lies = {};
    expect(await terminal.tap(PRICE)).toMatchObject({ outcome: "accepted", counter: 2 });
  });

  it.each([
    ["OVER_PER_TAP", {}, 50_000_001n],
    ["OVER_MAX_SPENT", { maxSpent: 1n }, PRICE],
    ["OVER_COUNTER", { maxCounter: 1 }, PRICE],
    ["OVER_NO_PIN", { pinAbove: 1n }, PRICE],
  ])("and breaks its own cap is named %s", async (code, body, amount) => {
    const terminal = await suite.terminal();
    const card = await terminal.card("x", body);
    card.shortForms = form === "short";
    terminal.reader.card = card;
    expect(await terminal.tap(1n)).toMatchObject({ outcome: "accepted" });
    card.lies = { pay: async (answer) => answer };
    expect(await terminal.tap(amount)).toMatchObject({ outcome: "refused", code });
  });

  it("and is a copy convicts itself at the terminal that saw the other", async () => {
    const { terminal, card } = await metCard(form);
    const twin = await card.copy();
    expect(await terminal.tap(PRICE)).toMatchObject({ outcome: "accepted", counter: 2 });
    terminal.reader.card = twin;
    const result = await terminal.tap(PRICE);
    expect(result).toMatchObject({ outcome: "refused", code: "COUNTER_USED_TWICE" });
    expect(
      terminal.gateway.journal.observations.around(
        terminal.config.domains[0]?.domainBytes ?? wrong,
        card.signer.publicKey,
        2,
      ),
    ).toHaveLength(3);
  });

  it("and goes back behind its intent is named", async () => {
    const { terminal, card } = await metCard(form);
    card.tear = "before";
    await terminal.tap(PRICE);
    card.lies = { select: (answer) => ({ ...answer, counter: 0 }) };
    expect(await terminal.tap(PRICE)).toMatchObject({ outcome: "refused", code: "COUNTER_MISMATCH" });
  });

  async function signature(signer: Signer, counter: number): Promise<Uint8Array> {
    return encodeDerSignature(decodeSignature(await signer.sign(new Uint8Array(32).fill(counter))));
  }
});

/** SELECT's answer as a card in order would show it. */
function asPersonalized(response: Uint8Array, isShort: boolean): Uint8Array {
  const [data, sw] = [response.subarray(0, -2), response.subarray(-2)];
  const state = cardStates.personalized;
  const shown = isShort
    ? encodeShortSelectAnswer({ ...decodeShortSelectAnswer(data), state })
    : encodeSelectAnswer({ ...decodeSelectAnswer(data), state });
  return Uint8Array.of(...shown, ...sw);
}
