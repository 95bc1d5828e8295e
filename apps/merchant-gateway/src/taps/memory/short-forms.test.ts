import { afterEach, describe, expect, it } from "@jest/globals";
import Database from "better-sqlite3";
import { decodePayAnswer, decodeSelectAnswer, encodeAllowanceBody } from "@tallystick/protocol";
import type { TestCard } from "../../../test/harness/test-card.ts";
import { testSigner, type TestTerminal } from "../../../test/harness/test-terminal.ts";
import { PRICE, TerminalSuite } from "../../../test/harness/terminal-suite.ts";

const SELECT = 0xa4;
const PAY = 0x10;
const GET_DATA = 0xca;
const OK = Uint8Array.of(0x90, 0x00);

const suite = new TerminalSuite();

afterEach(() => {
  suite.removeAll();
});

/** A card with the short forms that has paid one unit, so that the terminal knows it. */
async function metCard(): Promise<{ readonly terminal: TestTerminal; readonly card: TestCard }> {
  const { terminal, card } = await suite.withCard();
  card.shortForms = true;
  expect(await terminal.tap(1n)).toMatchObject({ outcome: "accepted", apdus: 2 });
  await rest(terminal, card);
  return { terminal, card };
}

async function rest(terminal: TestTerminal, ...cards: readonly TestCard[]): Promise<void> {
  await terminal.gateway.engine.rest();
  for (const card of cards) for (const list of [card.received, card.receivedShort, card.answered]) list.length = 0;
}

/** One tap of a card, and the forms in which it was asked until it was answered. */
async function tapOf(terminal: TestTerminal, card: TestCard, amount = PRICE) {
  terminal.reader.card = card;
  await rest(terminal, card);
  const { outcome, code, apdus } = await terminal.tap(amount);
  const seen = { outcome, code, apdus, short: [...card.receivedShort], answered: [...card.answered] };
  await rest(terminal);
  return seen;
}

const knownOf = ({ gateway }: TestTerminal, card: TestCard) => gateway.journal.knownCards.of(tagOf(card));
const tagOf = (card: TestCard) => decodeSelectAnswer(card.shown()).cardTag;

describe("a card that the terminal has met", () => {
  it("is asked by two commands of at most 70 and 76 bytes, and the journal has what the long ones show", async () => {
    const { terminal, card } = await metCard();
    const shown = card.shown();
    const result = await terminal.tap(PRICE);
    expect(result).toMatchObject({ outcome: "accepted", apdus: 2, counter: 2, spentAfter: PRICE + 1n });
    expect(card.receivedShort).toEqual([SELECT, PAY]);
    const [select = 0, pay = 0] = card.answered;
    expect(select).toBe(69);
    expect(pay).toBeLessThanOrEqual(76);
    const kept = terminal.gateway.journal.taps.byId(result.id);
    expect(kept?.intent?.selectAnswer).toEqual(shown);
    const answer = decodePayAnswer(kept?.answer ?? new Uint8Array());
    expect(answer).toMatchObject({ counter: 2, spent: PRICE + 1n, allowanceSeq: card.body.seq, cvm: 0 });
    expect(answer.link).toEqual(decodeSelectAnswer(shown).head);
  });

  it("is known after a restart, and unknown to a terminal that lost its journal", async () => {
    const { terminal, card } = await metCard();
    terminal.restart();
    expect(await tapOf(terminal, card)).toMatchObject({ outcome: "accepted", short: [SELECT, PAY] });
    await terminal.loseJournal();
    expect(await tapOf(terminal, card)).toMatchObject({ outcome: "accepted", apdus: 2, short: [] });
    expect(await tapOf(terminal, card)).toMatchObject({ outcome: "accepted", apdus: 2, short: [SELECT, PAY] });
  });

  it("is asked for its capabilities once, after it has paid", async () => {
    const { terminal, card } = await suite.withCard();
    for (let tap = 0; tap < 3; tap += 1) {
      await terminal.tap(1n);
      await terminal.gateway.engine.rest();
    }
    expect(card.received.filter((ins) => ins === GET_DATA)).toHaveLength(1);
    expect(knownOf(terminal, card)?.shortForms).toBe("lacks");
    expect(card.receivedShort).toEqual([]);
  });

  it("and gone before it said so is asked in the long form until it does", async () => {
    const { terminal, card } = await suite.withCard();
    card.shortForms = true;
    card.tearAt = { command: 2, when: "before" };
    await terminal.tap(1n);
    await rest(terminal, card);
    expect(knownOf(terminal, card)?.shortForms).toBe("unknown");
    expect(await tapOf(terminal, card)).toMatchObject({ outcome: "accepted", apdus: 2, short: [] });
    expect(await tapOf(terminal, card)).toMatchObject({ outcome: "accepted", apdus: 2, short: [SELECT, PAY] });
  });
});

describe("the first form that a lane asks in", () => {
  it("is the short one where it knows such a card, until two cards in a row are unknown", async () => {
    const { terminal, card: regular } = await metCard();
    const others = [await terminal.card("one"), await terminal.card("two"), await terminal.card("three")];
    for (const other of others) other.shortForms = true;
    const asked = [];
    for (const other of others) asked.push(await tapOf(terminal, other));
    expect(asked.map(({ apdus }) => apdus)).toEqual([3, 3, 2]);
    expect(asked.map(({ short }) => short)).toEqual([[SELECT, PAY], [SELECT, PAY], []]);
    expect(asked.every(({ outcome }) => outcome === "accepted")).toBe(true);
    expect(await tapOf(terminal, regular)).toMatchObject({ apdus: 2, short: [] });
    expect(await tapOf(terminal, regular)).toMatchObject({ apdus: 2, short: [SELECT, PAY] });
  });

  it("costs cards without short forms two commands in all, as long as no other comes", async () => {
    const { terminal } = await metCard();
    const old = await terminal.card("old");
    const apdus: number[] = [];
    for (let tap = 0; tap < 5; tap += 1) apdus.push((await tapOf(terminal, old, 1n)).apdus);
    expect(apdus).toEqual([3, 3, 2, 2, 2]);
  });

  it("is the long one where every known card is in doubt", async () => {
    const { terminal, card } = await metCard();
    const { journal } = terminal.gateway;
    journal.write(() => {
      journal.knownCards.doubt(terminal.config.domains[0]?.domainBytes ?? OK, tagOf(card), "second key");
    });
    expect(await tapOf(terminal, card)).toMatchObject({ outcome: "accepted", apdus: 2, short: [] });
  });
});

describe("a card that claims the short forms", () => {
  type Change = (response: Uint8Array) => Uint8Array;
  const answers: readonly [string, Change, number][] = [
    ["6A82", () => Uint8Array.of(0x6a, 0x82), 3],
    ["6A86", () => Uint8Array.of(0x6a, 0x86), 3],
    ["6F00", () => Uint8Array.of(0x6f, 0x00), 3],
    ["nothing but 9000", () => OK, 3],
    ["a byte less", (response) => Uint8Array.of(...response.subarray(0, -3), ...OK), 3],
    ["a byte more", (response) => Uint8Array.of(...response.subarray(0, -2), 0, ...OK), 3],
    ["another template", (response) => response.map((byte, at) => (at === 0 ? 0x6f : byte)), 3],
    ["another version", (response) => response.map((byte, at) => (at === 4 ? 2 : byte)), 3],
    ["a state of no card", (response) => response.map((byte, at) => (at === 5 ? 1 : byte)), 3],
    ["another seq", (response) => response.map((byte, at) => (at === 17 ? byte + 1 : byte)), 3],
    ["another cardTag", (response) => response.map((byte, at) => (at === 6 ? byte ^ 1 : byte)), 3],
  ];
  it.each(answers)("and answers SELECT with %s is asked in the long form, and pays", async (_, change, apdus) => {
    const { terminal, card } = await metCard();
    card.lies = { raw: (ins, response, p2) => (ins === SELECT && p2 === 4 ? change(response) : response) };
    const counter = card.counter;
    expect(await tapOf(terminal, card)).toMatchObject({ outcome: "accepted", apdus });
    expect(card.counter).toBe(counter + 1);
  });

  it("and answers SELECT in the long form is taken at it", async () => {
    const { terminal, card } = await metCard();
    card.lies = {
      raw: (ins, response, p2) => (ins === SELECT && p2 === 4 ? Uint8Array.of(...card.shown(), ...OK) : response),
    };
    expect(await tapOf(terminal, card)).toMatchObject({ outcome: "accepted", apdus: 2, short: [SELECT] });
    expect(knownOf(terminal, card)?.shortForms).toBe("lacks");
  });

  it("and says that it has no allowance is not asked again", async () => {
    const { terminal, card } = await metCard();
    const blank = Uint8Array.of(
      ...[0x6f, 0x0e, 0x84, 0x08, 0xf0, 0x54, 0x41, 0x4c, 0x4c, 0x59, 0, 1, 0x85, 2, 1, 1],
      ...OK,
    );
    card.lies = { raw: (ins, response) => (ins === SELECT ? blank : response) };
    expect(await terminal.tap(PRICE)).toMatchObject({ outcome: "refused", code: "CARD_NOT_PERSONALIZED" });
  });

  it.each(["before", "after"] as const)(
    "and is torn off %s its answer to SELECT is asked in the long form",
    async (when) => {
      const { terminal, card } = await metCard();
      card.tearAt = { command: 0, when };
      expect(await tapOf(terminal, card)).toMatchObject({ outcome: "accepted", apdus: 2, short: [SELECT] });
    },
  );

  it("and never answers a short SELECT still pays, each time", async () => {
    const { terminal, card } = await metCard();
    card.lies = { raw: (ins, response, p2) => (ins === SELECT && p2 === 4 ? new Uint8Array(0) : response) };
    for (let tap = 0; tap < 3; tap += 1)
      expect(await tapOf(terminal, card, 1n)).toMatchObject({ outcome: "accepted", apdus: 2 });
  });

  const pays: readonly [string, Change][] = [
    ["6A86", () => Uint8Array.of(0x6a, 0x86)],
    ["nothing but 9000", () => OK],
    ["the flags alone", () => Uint8Array.of(0, 0, ...OK)],
    ["a byte less", (response) => Uint8Array.of(...response.subarray(0, -3), ...OK)],
    ["a byte more", (response) => Uint8Array.of(...response.subarray(0, -2), 0, ...OK)],
    ["bytes of the long answer", () => Uint8Array.of(...new Uint8Array(118).fill(1), ...OK)],
    ["cvm 1", (response) => response.map((byte, at) => (at === 0 ? 1 : byte))],
    ["cvm 2", (response) => response.map((byte, at) => (at === 0 ? 2 : byte))],
    ["flags 1", (response) => response.map((byte, at) => (at === 1 ? 1 : byte))],
    ["another signature", (response) => response.map((byte, at) => (at === 20 ? byte ^ 1 : byte))],
  ];
  it.each(pays)("and answers PAY with %s is asked once more, and pays once", async (_, change) => {
    const { terminal, card } = await metCard();
    card.lies = { raw: (ins, response, p2) => (ins === PAY && p2 === 1 ? change(response) : response) };
    expect(await tapOf(terminal, card)).toMatchObject({ outcome: "accepted", apdus: 3, short: [SELECT, PAY] });
    expect(card).toMatchObject({ counter: 2, spent: PRICE + 1n });
    expect(knownOf(terminal, card)?.inDoubt).toBe(false);
  });

  it.each([
    ["9E04", 0x9e04, "CARD_PER_TAP"],
    ["9E07", 0x9e07, "CARD_PIN_NEEDED"],
    ["6A80", 0x6a80, "CARD_REFUSED"],
  ])("and refuses a short PAY with %s has refused", async (_, sw, code) => {
    const { terminal, card } = await metCard();
    card.refuse = sw;
    expect(await tapOf(terminal, card)).toMatchObject({ outcome: "refused", code, apdus: 2 });
  });
});

describe("a tap that ends in the middle of the short form", () => {
  it.each(["before", "after"] as const)("torn %s the card's debit in PAY is resumed, and debits once", async (tear) => {
    const { terminal, card } = await metCard();
    card.tear = tear;
    expect(await terminal.tap(PRICE)).toMatchObject({ outcome: "unresolved", code: "TAP_TORN", apdus: 2 });
    await rest(terminal, card);
    expect(await terminal.tap(PRICE)).toMatchObject({ outcome: "accepted", counter: 2, spentAfter: PRICE + 1n });
    // What is sent again is the long PAY, after a SELECT in the short form.
    expect(card.receivedShort).toEqual([SELECT]);
    expect(card.counter).toBe(2);
  });

  it("torn in the repetition is resumed, and debits once", async () => {
    const { terminal, card } = await metCard();
    const spoil: TestCard["lies"] = {
      raw: (ins, response, p2) => (ins === PAY ? (p2 === 1 ? OK : new Uint8Array(0)) : response),
    };
    card.lies = spoil;
    expect(await terminal.tap(PRICE)).toMatchObject({ outcome: "unresolved", code: "TAP_TORN", apdus: 3 });
    card.lies = {};
    expect(await terminal.tap(PRICE)).toMatchObject({ outcome: "accepted", counter: 2 });
    expect(card.counter).toBe(2);
  });

  it.each([
    [
      "a wrong signature",
      (response: Uint8Array) => response.map((byte, at) => (at === 20 ? byte ^ 1 : byte)),
      "refused",
      "VOUCHER_SIGNATURE_WRONG",
    ],
    ["nothing but 9000", () => OK, "unresolved", "CARD_ANSWER_MALFORMED"],
  ] as const)("with %s, whose repetition is refused, keeps the first verdict", async (_, change, outcome, code) => {
    const { terminal, card } = await metCard();
    const refused = Uint8Array.of(0x9e, 0x08);
    card.lies = { raw: (ins, response, p2) => (ins === PAY ? (p2 === 1 ? change(response) : refused) : response) };
    expect(await tapOf(terminal, card)).toMatchObject({ outcome, code, apdus: 3 });
    card.lies = {};
    expect(await terminal.tap(1n)).toMatchObject({ outcome: "accepted", counter: 3 });
    expect(card.spent).toBe(PRICE + 2n);
  });

  it("stopped after the intent is resumed after the start", async () => {
    const { terminal, card } = await metCard();
    card.tear = "after";
    await terminal.tap(PRICE, { saleId: "sale" });
    terminal.restart();
    expect(await terminal.tap(PRICE, { saleId: "sale" })).toMatchObject({ outcome: "accepted", counter: 2 });
    expect(card.counter).toBe(2);
  });
});

describe("what the terminal remembers", () => {
  it("follows the card's allowance, and is not asked by while that is newer", async () => {
    const { terminal, card } = await metCard();
    await card.allow({ ...card.body, seq: card.body.seq + 1, perTap: 40_000_000n });
    expect(await tapOf(terminal, card)).toMatchObject({ outcome: "accepted", apdus: 3, short: [SELECT, PAY] });
    expect(knownOf(terminal, card)?.allowanceBody).toMatchObject({ seq: card.body.seq, perTap: 40_000_000n });
    expect(await tapOf(terminal, card)).toMatchObject({ outcome: "accepted", apdus: 2, short: [SELECT, PAY] });
  });

  it("keeps the highest seq of a card that shows an older one", async () => {
    const { terminal, card } = await metCard();
    const body = card.body;
    await card.allow({ ...body, seq: body.seq - 1 });
    expect(await tapOf(terminal, card)).toMatchObject({ outcome: "refused", code: "SIGHTING_MISMATCH", apdus: 3 });
    expect(knownOf(terminal, card)?.allowanceBody.seq).toBe(body.seq);
  });

  it("of a card that has an older seq than it shows ends in the full answer's code", async () => {
    const { terminal, card } = await metCard();
    await card.allow({ ...card.body, seq: card.body.seq - 1 });
    card.lies = {
      raw: (ins, response) => (ins === SELECT ? response.map((byte, at) => (at === 17 ? byte + 1 : byte)) : response),
    };
    expect(await tapOf(terminal, card)).toMatchObject({ code: "SEQ_MISMATCH", apdus: 3, short: [SELECT, PAY] });
    expect(knownOf(terminal, card)?.allowanceBody.seq).toBe(card.body.seq + 1);
  });

  it("of a card that was given another allowance between SELECT and PAY is judged by the full answer", async () => {
    const { terminal, card } = await metCard();
    const newer = { ...card.body, seq: card.body.seq + 1 };
    terminal.reader.beforeTransmit = async ([, ins]) => {
      if (ins === PAY && card.body.seq < newer.seq) await card.allow(newer);
    };
    expect(await terminal.tap(PRICE)).toMatchObject({ outcome: "accepted", counter: 2 });
    expect(card.counter).toBe(2);
  });

  it.each([
    ["key", "card_key", () => testSigner("other card").publicKey],
    ["allowance", "body", (card: TestCard) => encodeAllowanceBody({ ...card.body, maxSpent: 2n ** 47n })],
    ["signature", "signature", () => new Uint8Array(64).fill(1)],
    ["seq", "body", (card: TestCard) => encodeAllowanceBody({ ...card.body, seq: 2 ** 32 - 1 })],
    ["bytes of no allowance", "body", () => new Uint8Array(62).fill(0xff)],
    ["domain", "domain", () => new Uint8Array(28).fill(1)],
  ] as const)(
    "and is false in its %s is never believed: the card is asked in the long form",
    async (_, column, value) => {
      const { terminal, card } = await metCard();
      terminal.gateway.journal.close();
      const file = new Database(terminal.config.journalPath);
      file.prepare(`UPDATE known_card SET ${column} = ?`).run(value(card));
      file.close();
      terminal.restart();
      expect(await tapOf(terminal, card)).toMatchObject({ outcome: "accepted", apdus: 3 });
      // What was false is forgotten, and what the card showed since is kept in its place.
      expect(await tapOf(terminal, card)).toMatchObject({ outcome: "accepted", apdus: 2, short: [SELECT, PAY] });
    },
  );

  it("is not asked by where two keys have one cardTag", async () => {
    const { terminal, card } = await metCard();
    const { journal } = terminal.gateway;
    const { domainBytes = OK } = terminal.config.domains[0] ?? {};
    const other = { ...decodeSelectAnswer(card.shown()), cardKey: testSigner("other card").publicKey };
    journal.write(() => {
      journal.knownCards.keep(domainBytes, other, { shortForms: "has", bound: 10 });
    });
    expect(knownOf(terminal, card)).toMatchObject({ inDoubt: true, cardKey: card.signer.publicKey });
    expect(await tapOf(terminal, card)).toMatchObject({ outcome: "accepted", short: [] });
    // Another card that the terminal knows makes it ask in the short form: this one's answer is not believed.
    journal.write(() => {
      const third = { ...other, cardTag: new Uint8Array(8).fill(3) };
      journal.knownCards.keep(domainBytes, third, { shortForms: "has", bound: 10 });
    });
    expect(await tapOf(terminal, card)).toMatchObject({ outcome: "accepted", apdus: 3, short: [SELECT, PAY] });
  });

  it("is put in doubt by a signature of another key, and its card pays in the long form", async () => {
    const { terminal, card } = await metCard();
    const thief = await terminal.card("thief");
    // It shows what it has read off the card, and cannot sign for it.
    card.lies = { pay: async (answer, request) => ({ ...answer, signature: await thief.sign(request) }) };
    expect(await terminal.tap(PRICE)).toMatchObject({ outcome: "refused", code: "VOUCHER_SIGNATURE_WRONG", apdus: 3 });
    expect(knownOf(terminal, card)?.inDoubt).toBe(true);
    card.lies = {};
    expect(await tapOf(terminal, card, 1n)).toMatchObject({ outcome: "accepted", short: [] });
    // It has signed since, so the next tap is short again.
    expect(await tapOf(terminal, card, 1n)).toMatchObject({ outcome: "accepted", apdus: 2, short: [SELECT, PAY] });
  });

  it("is believed again as soon as its card repeats a good voucher, though it pays no other", async () => {
    const { terminal, card } = await metCard();
    card.lies = {
      raw: (ins, response) =>
        ins === PAY ? response.map((byte, at) => (at === response.length - 4 ? byte ^ 1 : byte)) : response,
    };
    expect(await terminal.tap(PRICE)).toMatchObject({ outcome: "refused", code: "VOUCHER_SIGNATURE_WRONG" });
    expect(knownOf(terminal, card)?.inDoubt).toBe(true);
    card.lies = {};
    expect(await terminal.tap(100_000_001n)).toMatchObject({ outcome: "refused", code: "TERMINAL_PER_TAP" });
    expect(knownOf(terminal, card)?.inDoubt).toBe(false);
  });

  it("of a card that another one claims to be ends without a payment", async () => {
    const { terminal, card } = await metCard();
    const fake = await terminal.card("fake");
    fake.shortForms = true;
    const { cardTag } = decodeSelectAnswer(card.shown());
    fake.lies = { select: (answer) => ({ ...answer, cardTag }) };
    expect(await tapOf(terminal, fake)).toMatchObject({ outcome: "refused", code: "CARD_WRONG_CARD" });
    expect(fake.counter).toBe(0);
  });
});
