import { afterAll, beforeAll, describe, expect, it, jest } from "@jest/globals";
import { getLog } from "@tallystick/card";
import {
  decodePayAnswer,
  decodePayRequest,
  equalBytes,
  messageHash,
  normalizeCardSignature,
  type PayRequest,
  rebuildVoucher,
  toAddress,
} from "@tallystick/protocol";
import { domain, draw } from "./harness/issuer.ts";
import { ATTACK_TIMEOUT_MS } from "./harness/limits.ts";
import {
  instructionOf,
  type Meddling,
  type SeenExchange,
  statusWord,
  withByteFlipped,
  withBytes,
} from "./harness/man-in-the-middle.ts";
import { showOf } from "./harness/real-card.ts";
import { openAttackHarness, type AttackHarness, socketReader } from "./harness/attack-harness.ts";
import type { Tap } from "./harness/terminal.ts";
import {
  fieldNamed,
  payFields,
  requestFields,
  selectFields,
  shortPayFields,
  shortSelectFields,
  type WireField,
} from "./harness/wire-fields.ts";

jest.setTimeout(ATTACK_TIMEOUT_MS);

// The terminal is the gateway's program with its journal, the card is the applet. A socket takes the place of the reader: what is
// changed on the way is changed behind it.

const PRICE = "2.50";
const UNITS = 2_500_000n;
const SELECT = 0xa4;
const PAY = 0x10;
/** P2 of the short forms. */
const SELECT_SHORT = 0x04;
const PAY_SHORT = 0x01;
/** Bytes of a command before its data. */
const HEADER = 5;
/** Bytes of SELECT's answer with its status word; shorter ones are refusals. */
const SELECT_BYTES = 236;

let harness: AttackHarness;

beforeAll(async () => {
  harness = await openAttackHarness({ reader: socketReader });
});

afterAll(async () => {
  await harness.close();
});

async function tapWith(meddling: Meddling, saleId?: string): Promise<Tap> {
  harness.middle.begin(meddling);
  const tap = await harness.terminal.tap(PRICE, saleId === undefined ? {} : { saleId });
  harness.middle.meddling = {};
  return tap;
}

/** The PAY of the sale itself: before it, a terminal asks the card about taps that it has cancelled. */
function ownPay(): SeenExchange | undefined {
  return harness.middle.of(PAY).at(-1);
}

function requestOf(exchange: SeenExchange | undefined): PayRequest {
  return decodePayRequest((exchange?.asked ?? new Uint8Array()).slice(HEADER, -1));
}

/** What the terminal sent to settlement of one payment of the card. */
function vouchersOf(counter: number): readonly unknown[] {
  return harness.settlement.vouchers.map(({ message }) => message).filter((message) => message.counter === counter);
}

/** Pays until the terminal has nothing left to ask the card about, whatever was done to it before. */
async function clearUp(): Promise<void> {
  do expect(await tapWith({})).toMatchObject({ outcome: "accepted" });
  while (harness.middle.of(PAY).length > 1);
}

/** Where a field begins and ends: a change at either end must not pass. */
function endsOf({ offset, length }: WireField): number[] {
  return length === 1 ? [offset] : [offset, offset + length - 1];
}

const inRequest = (change: (data: Uint8Array) => Uint8Array): Meddling => ({
  command: (command) =>
    instructionOf(command) === PAY ? withBytes(command, HEADER, change(command.slice(HEADER, -1))) : command,
});

const inAnswer = (instruction: number, change: (response: Uint8Array) => Uint8Array): Meddling => ({
  response: (response, command) =>
    instructionOf(command) === instruction && response.length > 2 ? change(response) : response,
});

/** The codes of two taps, each with one end of a field changed. */
async function codesOf(field: WireField, change: (at: number) => Meddling): Promise<Set<string | null>> {
  const codes = new Set<string | null>();
  for (const at of endsOf(field)) {
    const tap = await tapWith(change(at));
    expect(tap.outcome).not.toBe("accepted");
    expect(tap.voucherId).toBeNull();
    codes.add(tap.code);
  }
  return codes;
}

const isShort = (command: Uint8Array): boolean =>
  (instructionOf(command) === SELECT && command[3] === SELECT_SHORT) ||
  (instructionOf(command) === PAY && command[3] === PAY_SHORT);

/** Changes what the card answers to one command in its short form, and nothing else. */
const inShortAnswer = (instruction: number, change: (response: Uint8Array) => Uint8Array): Meddling => ({
  response: (response, command) =>
    instructionOf(command) === instruction && isShort(command) && response.length > 2 ? change(response) : response,
});

/** Pays until the terminal asks its card in the short forms again, and has nothing else to ask. */
async function metAgain(): Promise<void> {
  do await clearUp();
  while (![...harness.middle.of(SELECT), ...harness.middle.of(PAY)].every(({ asked }) => isShort(asked)));
}

describe("somebody who changes a short answer on its way to the terminal", () => {
  const accepted = "accepted";

  /** What a tap comes to, by code or as accepted, with each end of a field of the short answer changed. */
  async function endsIn(instruction: number, field: WireField): Promise<Set<string | null>> {
    const ends = new Set<string | null>();
    for (const at of endsOf(field)) {
      await metAgain();
      const before = await showOf(harness.card.channel);
      const tap = await tapWith(inShortAnswer(instruction, (response) => withByteFlipped(response, at)));
      ends.add(tap.outcome === accepted ? accepted : tap.code);
      const { counter, spent } = await showOf(harness.card.channel);
      expect(spent - before.spent).toBe(counter === before.counter ? 0n : UNITS);
    }
    return ends;
  }

  it.each<[string, readonly string[]]>([
    ["cardTag", [accepted]],
    ["seq", [accepted]],
    ["counter", ["CARD_OUT_OF_TURN"]],
    ["spent", ["SPENT_MISMATCH"]],
    ["head", ["LINK_MISMATCH"]],
  ])(
    "of SELECT gains nothing by changing the %s: the long answer is asked, or the sale has the code of the long form",
    async (name, ends) => {
      expect([...(await endsIn(SELECT, fieldNamed(shortSelectFields, name)))]).toEqual(ends);
    },
  );

  it.each(["cvm", "flags", "signature"])(
    "of PAY gains nothing by changing the %s: the card repeats it in full",
    async (name) => {
      const { offset } = fieldNamed(shortPayFields, name);
      const ends = await endsIn(PAY, { name, offset: offset + (name === "signature" ? 10 : 0), length: 1 });
      expect([...ends]).toEqual([accepted]);
    },
  );

  it("and spoils its form gets the long one, in which the rest of this page holds", async () => {
    await metAgain();
    const { offset } = fieldNamed(shortSelectFields, "head of the template");
    const spoiling = inShortAnswer(SELECT, (response) => withByteFlipped(response, offset));
    expect(await tapWith(spoiling)).toMatchObject({ outcome: accepted });
    // The card counts as one without the short forms, and no other one is known that has them.
    expect(await tapWith({})).toMatchObject({ outcome: accepted, apdus: 2 });
    expect(harness.middle.seen.some(({ asked }) => isShort(asked))).toBe(false);
  });
});

describe("somebody who changes the request on its way to the card", () => {
  it.each<[string, readonly string[]]>([
    ["cardTag", ["CARD_WRONG_CARD"]],
    ["counter", ["CARD_OUT_OF_TURN"]],
    ["payee", ["VOUCHER_SIGNATURE_WRONG"]],
    ["amount", ["CARD_PER_TAP", "VOUCHER_SIGNATURE_WRONG"]],
    ["time", ["CARD_VALIDITY", "VOUCHER_SIGNATURE_WRONG"]],
    ["challenge", ["VOUCHER_SIGNATURE_WRONG"]],
    ["terminal id", ["VOUCHER_SIGNATURE_WRONG"]],
    ["category", ["CARD_CATEGORY"]],
  ])("sells nothing by changing the %s", async (name, codes) => {
    const found = await codesOf(fieldNamed(requestFields, name), (at) =>
      inRequest((data) => withByteFlipped(data, at)),
    );
    expect([...found].sort()).toEqual(codes);
  });

  it("makes a cheap payment dear, or a dear one cheap, for nobody: the terminal rebuilds what it asked", async () => {
    const amount = fieldNamed(requestFields, "amount");
    for (const units of [1n, UNITS - 1n, UNITS + 1n, 20_000_000n]) {
      const bytes = new Uint8Array(6);
      new DataView(bytes.buffer).setUint32(2, Number(units));
      const tap = await tapWith(inRequest((data) => withBytes(data, amount.offset, bytes)));
      expect(tap).toMatchObject({ outcome: "refused", code: "VOUCHER_SIGNATURE_WRONG", voucherId: null });
    }
  });

  it("can have himself paid in the merchant's place, as with any reader of his own, and the merchant sells nothing", async () => {
    const thief = toAddress(draw(20));
    const before = await showOf(harness.card.channel);
    const tap = await tapWith(inRequest((data) => withBytes(data, fieldNamed(requestFields, "payee").offset, thief)));
    expect(tap).toMatchObject({ outcome: "refused", code: "VOUCHER_SIGNATURE_WRONG" });
    const pay = ownPay();
    const request = decodePayRequest((pay?.sent ?? new Uint8Array()).slice(HEADER, -1));
    const answer = decodePayAnswer((pay?.answered ?? new Uint8Array()).slice(0, -2));
    const { message } = rebuildVoucher(domain, request, answer);
    // His voucher is good: what bounds him is what bounds every rogue reader, perTap and noPinSum.
    expect(() => normalizeCardSignature(answer.signature, messageHash(message), harness.card.cardKey)).not.toThrow();
    expect(message.payee).toEqual(thief);
    expect((await showOf(harness.card.channel)).spent - before.spent).toBe(UNITS);
  });
});

describe("somebody who changes the answer on its way to the terminal", () => {
  it.each<[string, readonly string[]]>([
    ["counter", ["COUNTER_MISMATCH"]],
    ["spent", ["VOUCHER_SIGNATURE_WRONG"]],
    ["seq", ["VOUCHER_SIGNATURE_WRONG"]],
    ["cvm", ["VOUCHER_SIGNATURE_WRONG"]],
    ["flags", ["CARD_ANSWER_MALFORMED"]],
    ["link", ["VOUCHER_SIGNATURE_WRONG"]],
  ])("of PAY sells nothing by changing the %s", async (name, codes) => {
    const found = await codesOf(fieldNamed(payFields, name), (at) =>
      inAnswer(PAY, (response) => withByteFlipped(response, at)),
    );
    expect([...found]).toEqual(codes);
  });

  it("of PAY sells nothing by changing the signature, its form or its length", async () => {
    const first = fieldNamed(payFields, "signature").offset;
    const codes: (string | null)[] = [];
    for (const change of [
      (response: Uint8Array) => withByteFlipped(response, first),
      (response: Uint8Array) => withByteFlipped(response, first + 1),
      (response: Uint8Array) => withByteFlipped(response, first + 20),
      (response: Uint8Array) => withByteFlipped(response, response.length - 3),
      (response: Uint8Array) => Uint8Array.of(...response.slice(0, -2), 0, 0x90, 0x00),
    ]) {
      const tap = await tapWith(inAnswer(PAY, change));
      expect(tap.outcome).not.toBe("accepted");
      codes.push(tap.code);
    }
    const malformed = "CARD_ANSWER_MALFORMED";
    const wrong = "VOUCHER_SIGNATURE_WRONG";
    expect(codes).toEqual([malformed, malformed, wrong, wrong, malformed]);
  });

  it("and spoils its form delays a sale, which is paid once when the card is held again", async () => {
    const saleId = "spoiled";
    const spoiled = await tapWith(
      inAnswer(PAY, (response) => Uint8Array.of(...response.slice(0, 60), 0x90, 0x00)),
      saleId,
    );
    expect(spoiled).toMatchObject({ outcome: "unresolved", code: "CARD_ANSWER_MALFORMED" });
    const before = await showOf(harness.card.channel);
    expect(await tapWith({}, saleId)).toMatchObject({ outcome: "accepted", counter: before.counter });
    expect((await showOf(harness.card.channel)).spent).toBe(before.spent);
  });

  it.each<[string, (response: Uint8Array) => Uint8Array, string]>([
    ["spoils its signature", (response) => withByteFlipped(response, response.length - 3), "VOUCHER_SIGNATURE_WRONG"],
    ["says that the card refused", () => statusWord(0x9e06), "CARD_SPENDING_CAP"],
  ])(
    "and %s undoes a sale, and leaves the voucher in the card, where its payee can read it",
    async (_, change, code) => {
      expect(await tapWith(inAnswer(PAY, change))).toMatchObject({ outcome: "refused", code, voucherId: null });
      const asked = ownPay()?.asked ?? new Uint8Array();
      const { cardTag } = await showOf(harness.card.channel);
      const { payee } = harness.terminal;
      expect(await getLog(harness.card.channel, 0, { payee })).toMatchObject({ ok: false, sw: 0x6982 });
      const log = await harness.terminal.readLog(harness.card.channel, cardTag, 0);
      if (!log.ok) throw new Error(log.message);
      expect(log.value.record.request).toEqual(decodePayRequest(asked.slice(HEADER, -1)));
      const another = await getLog(harness.card.channel, 0, { payee: toAddress(draw(20)) });
      expect(another).toMatchObject({ ok: false, sw: 0x6982 });
    },
  );

  it.each<[string, Meddling, string]>([
    [
      "spoils its signature",
      inAnswer(PAY, (response) => withByteFlipped(response, response.length - 3)),
      "VOUCHER_SIGNATURE_WRONG",
    ],
    ["says that the card refused", inAnswer(PAY, () => statusWord(0x9e06)), "CARD_SPENDING_CAP"],
    ["says that it knows no such command", inAnswer(PAY, () => statusWord(0x6d00)), "CARD_REFUSED"],
  ])("and %s undoes a sale until the card comes back: its voucher is read and reversed", async (_, meddling, code) => {
    await clearUp();
    const before = await showOf(harness.card.channel);
    expect(await tapWith(meddling)).toMatchObject({ outcome: "refused", code, voucherId: null, apdus: 2 });
    const undone = requestOf(ownPay());
    expect(await tapWith({})).toMatchObject({ outcome: "accepted", counter: before.counter + 2 });
    expect(harness.middle.of(PAY).map(requestOf)).toEqual([undone, requestOf(ownPay())]);
    expect((await showOf(harness.card.channel)).spent - before.spent).toBe(2n * UNITS);
    await harness.terminal.sync();
    expect(harness.settlement.reversed).toContainEqual(undone);
    expect(vouchersOf(before.counter + 1)).toEqual([
      expect.objectContaining({ amount: UNITS, payee: harness.terminal.payee }),
    ]);
    // Asked once: the next tap is two commands again.
    expect(await tapWith({})).toMatchObject({ outcome: "accepted", apdus: 2 });
    expect(harness.middle.of(PAY)).toHaveLength(1);
  });

  it("and refuses in the card's place gains nothing by giving it the request later", async () => {
    await clearUp();
    const before = await showOf(harness.card.channel);
    const refusing: Meddling = {
      instead: async (command) =>
        await Promise.resolve(instructionOf(command) === PAY ? statusWord(0x9e07) : undefined),
    };
    expect(await tapWith(refusing)).toMatchObject({ outcome: "refused", code: "CARD_PIN_NEEDED" });
    const held = ownPay()?.asked ?? new Uint8Array();
    expect((await showOf(harness.card.channel)).counter).toBe(before.counter);
    const late = (await harness.card.wire.transmit(held)) ?? new Uint8Array();
    expect([...late.slice(-2)]).toEqual([0x90, 0x00]);
    expect(await tapWith({})).toMatchObject({ outcome: "accepted", counter: before.counter + 2 });
    await harness.terminal.sync();
    expect(harness.settlement.reversed).toContainEqual(decodePayRequest(held.slice(HEADER, -1)));
    expect(vouchersOf(before.counter + 1)).toHaveLength(1);
  });

  it("makes no honest refusal cost more: the merchant takes a smaller amount with two commands, and asks no more", async () => {
    await clearUp();
    const { counter } = await showOf(harness.card.channel);
    harness.middle.begin();
    expect(await harness.terminal.tap("50.01")).toMatchObject({ outcome: "refused", code: "CARD_PER_TAP", apdus: 2 });
    const refused = requestOf(ownPay());
    for (const paid of [1, 2]) {
      expect(await tapWith({})).toMatchObject({ outcome: "accepted", counter: counter + paid, apdus: 2 });
      expect(harness.middle.of(PAY)).toHaveLength(1);
    }
    await harness.terminal.sync();
    expect(harness.settlement.reversed).toContainEqual(refused);
  });

  it.each<[string, readonly string[]]>([
    ["head of the template", ["CARD_NOT_TALLYSTICK"]],
    ["AID, package", ["CARD_NOT_TALLYSTICK"]],
    ["AID, instance", ["CARD_ANSWER_MALFORMED"]],
    ["head of the proprietary part", ["CARD_NOT_TALLYSTICK"]],
    ["version", ["CARD_ANSWER_MALFORMED"]],
    ["state", ["CARD_ANSWER_MALFORMED"]],
    ["cardTag", ["DOMAIN_NOT_SERVED"]],
    ["issuer key id", ["ISSUER_KEY_UNKNOWN"]],
    ["seq", ["ALLOWANCE_SIGNATURE_WRONG"]],
    ["maxSpent", ["ALLOWANCE_SIGNATURE_WRONG"]],
    ["softSpent", ["ALLOWANCE_SIGNATURE_WRONG"]],
    ["maxCounter", ["ALLOWANCE_SIGNATURE_WRONG"]],
    ["perTap", ["ALLOWANCE_SIGNATURE_WRONG"]],
    ["pinAbove", ["ALLOWANCE_SIGNATURE_WRONG"]],
    ["noPinSum", ["ALLOWANCE_SIGNATURE_WRONG"]],
    ["noPinCount", ["ALLOWANCE_SIGNATURE_WRONG"]],
    ["notBefore", ["ALLOWANCE_SIGNATURE_WRONG"]],
    ["notAfter", ["ALLOWANCE_SIGNATURE_WRONG"]],
    ["card index", ["ALLOWANCE_SIGNATURE_WRONG"]],
    ["categories", ["ALLOWANCE_SIGNATURE_WRONG"]],
    ["flags", ["ALLOWANCE_SIGNATURE_WRONG", "CARD_ANSWER_MALFORMED"]],
    ["issuer signature r", ["ALLOWANCE_SIGNATURE_WRONG"]],
    ["issuer signature s", ["ALLOWANCE_SIGNATURE_WRONG"]],
    ["counter", ["CARD_OUT_OF_TURN"]],
    ["spent", ["SPENT_MISMATCH"]],
    ["head", ["LINK_MISMATCH"]],
    ["status word", ["CARD_NOT_TALLYSTICK"]],
  ])("of SELECT sells nothing by changing the %s", async (name, codes) => {
    const found = await codesOf(fieldNamed(selectFields, name), (at) =>
      inAnswer(SELECT, (response) => (response.length === SELECT_BYTES ? withByteFlipped(response, at) : response)),
    );
    expect([...found].sort()).toEqual(codes);
  });

  it("of SELECT sells nothing by putting another card's key into it", async () => {
    const { offset } = fieldNamed(selectFields, "card key");
    const other = await harness.issue("other");
    const tap = await tapWith(inAnswer(SELECT, (response) => withBytes(response, offset, other.cardKey)));
    expect(tap).toMatchObject({ outcome: "refused", code: "DOMAIN_NOT_SERVED" });
  });
});

describe("somebody who fetches vouchers in advance", () => {
  /** A card of cardboard: it says what was recorded of a real one. */
  const playing = (select: Uint8Array, pay: Uint8Array): Meddling => ({
    instead: async (command) => await Promise.resolve(instructionOf(command) === SELECT ? select : pay),
  });

  it("and plays a tap that was paid sells nothing twice: the terminal's challenge is new", async () => {
    expect(await tapWith({})).toMatchObject({ outcome: "accepted" });
    const [select] = harness.middle.of(SELECT);
    const pay = ownPay();
    if (select?.received == null || pay?.received == null) throw new Error("the tap was not recorded");
    expect(await tapWith(playing(select.received, pay.received))).toMatchObject({
      outcome: "refused",
      code: "VOUCHER_SIGNATURE_WRONG",
    });
  });

  it("with a reader of his own and a challenge that he guessed cannot pay this terminal with them", async () => {
    expect(await tapWith({})).toMatchObject({ outcome: "accepted" });
    const asked = ownPay();
    const [shown] = harness.middle.of(SELECT);
    if (asked === undefined || shown === undefined) throw new Error("the tap was not recorded");
    // All as the terminal will ask it, but for the challenge, which nobody can know before.
    const select = (await harness.card.wire.transmit(shown.sent)) ?? new Uint8Array();
    const guess = withBytes(asked.sent, HEADER + fieldNamed(requestFields, "challenge").offset, draw(16));
    const guessed = withBytes(guess, HEADER + fieldNamed(requestFields, "counter").offset, nextCounter(select));
    const pay = (await harness.card.wire.transmit(guessed)) ?? new Uint8Array();
    expect([...pay.slice(-2)]).toEqual([0x90, 0x00]);
    expect(await tapWith(playing(select, pay))).toMatchObject({ outcome: "refused", code: "VOUCHER_SIGNATURE_WRONG" });
  });

  it("who makes a terminal repeat a challenge still gets another voucher for it: its counter, spent and link are others", async () => {
    expect(await tapWith({})).toMatchObject({ outcome: "accepted" });
    const first = ownPay();
    if (first?.answered == null) throw new Error("the tap was not recorded");
    const again = await harness.card.wire.transmit(first.sent);
    expect(again).toEqual(first.answered);
    const request = decodePayRequest(first.sent.slice(HEADER, -1));
    const counter = fieldNamed(requestFields, "counter").offset;
    const next = new Uint8Array(4);
    new DataView(next.buffer).setUint32(0, request.counter + 1);
    const second =
      (await harness.card.wire.transmit(withBytes(first.sent, HEADER + counter, next))) ?? new Uint8Array();
    const [before, after] = [first.answered, second].map((bytes) => decodePayAnswer(bytes.slice(0, -2)));
    if (before === undefined || after === undefined) throw new Error("both should pay");
    expect([after.counter - before.counter, after.spent - before.spent]).toEqual([1, UNITS]);
    expect(equalBytes(after.link, before.link)).toBe(false);
  });

  it("finds no challenge twice in a terminal's taps", async () => {
    const { offset, length } = fieldNamed(requestFields, "challenge");
    const challenges = new Set<string>();
    for (let tap = 0; tap < 8; tap += 1) {
      await tapWith({});
      const sent = ownPay()?.asked ?? new Uint8Array();
      challenges.add(Buffer.from(sent.slice(HEADER + offset, HEADER + offset + length)).toString("hex"));
    }
    expect(challenges.size).toBe(8);
  });
});

/** The number of the next payment after what SELECT shows. */
function nextCounter(select: Uint8Array): Uint8Array {
  const { offset } = fieldNamed(selectFields, "counter");
  const next = new Uint8Array(4);
  new DataView(next.buffer).setUint32(0, new DataView(select.buffer, select.byteOffset).getUint32(offset) + 1);
  return next;
}
