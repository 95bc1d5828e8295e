import { cpSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, jest } from "@jest/globals";
import { pay } from "@tallystick/card";
import {
  cardTag,
  createSignatureChecks,
  encodePayRequest,
  judgeVoucher,
  messageHash,
  pairFault,
  type CardObservation,
  toAddress,
  type VoucherBundle,
} from "@tallystick/protocol";
import { allowanceBody, CATEGORY, domain, draw, issuer, nowSeconds } from "./harness/issuer.ts";
import { ATTACK_TIMEOUT_MS } from "./harness/limits.ts";
import { instructionOf } from "./harness/man-in-the-middle.ts";
import { allow, PIN, showOf } from "./harness/real-card.ts";
import { type IssuedCard, openAttackHarness, pcscReader, type AttackHarness } from "./harness/attack-harness.ts";

jest.setTimeout(ATTACK_TIMEOUT_MS);

// The whole way: the gateway's program, libpcsclite, a pcscd of its own, the virtual reader, and behind it whoever pretends to
// be a card. The applet is somewhere else.

const PAY = 0x10;
/** The dearest payment that needs no PIN: pinAbove. */
const DEAREST = "20.00";
const DEAREST_UNITS = allowanceBody.pinAbove;

let harness: AttackHarness;
/** A second cardholder's card. */
let other: IssuedCard;
let seq = allowanceBody.seq;

beforeAll(async () => {
  harness = await openAttackHarness({ reader: pcscReader, body: allowanceBody });
  other = await harness.issue("other");
});

afterAll(async () => {
  await harness.close();
});

/** A newer allowance with flag bit 3 sets the sums without PIN back to nothing. */
async function renew(card: IssuedCard): Promise<void> {
  seq += 1;
  await showOf(card.channel);
  await allow(card.channel, card.cardKey, { ...allowanceBody, seq, flags: allowanceBody.flags | 8 });
}

/** What a thief asks with a reader of his own, and pays himself. */
async function steal(card: IssuedCard, amount: bigint) {
  const shown = await showOf(card.channel);
  const request = encodePayRequest({
    cardTag: cardTag(domain, card.cardKey),
    counter: shown.counter + 1,
    payee: toAddress(new Uint8Array(20).fill(0x66)),
    amount,
    time: nowSeconds,
    challenge: draw(16),
    terminalId: new Uint8Array(8).fill(0x66),
    category: CATEGORY,
  });
  return await pay(card.channel, request);
}

describe("somebody who relays a card that is somewhere else", () => {
  it("pays with it at most noPinSum, here 60.00, then the terminal asks for the PIN that he does not know", async () => {
    await renew(harness.card);
    harness.middle.begin();
    let relayed = 0n;
    let last = await harness.terminal.tap(DEAREST);
    for (; last.outcome === "accepted"; last = await harness.terminal.tap(DEAREST)) relayed += DEAREST_UNITS;
    expect(last).toMatchObject({ outcome: "refused", code: "CARD_PIN_NEEDED", sw: "9E07" });
    expect(relayed).toBe(allowanceBody.noPinSum);
    expect(await harness.terminal.tap("0.01")).toMatchObject({ outcome: "refused", code: "CARD_PIN_NEEDED" });
    expect(await harness.terminal.tap(DEAREST, { pin: "0000" })).toMatchObject({
      outcome: "refused",
      code: "CARD_WRONG_PIN",
    });
    // What every relayed command was: the terminal's own, byte for byte.
    for (const { asked, sent } of harness.middle.of(PAY)) expect(sent).toEqual(asked);
    expect(await harness.terminal.tap(DEAREST, { pin: PIN })).toMatchObject({ outcome: "accepted" });
  });

  it("and cuts the answer off gains nothing: the same sale reads the same voucher, without a second debit", async () => {
    await renew(harness.card);
    harness.middle.begin({ response: (response, command) => (instructionOf(command) === PAY ? null : response) });
    const cut = await harness.terminal.tap("1.00", { saleId: "cut" });
    expect(cut).toMatchObject({ outcome: "unresolved", code: "TAP_TORN", saleOpen: true });
    const { spent, counter } = await showOf(harness.card.channel);
    harness.middle.begin();
    await harness.reader.lay();
    const after = await harness.terminal.tap("1.00", { saleId: "cut" });
    expect(after).toMatchObject({ outcome: "accepted", id: cut.id, counter, voucherId: expect.any(String) });
    expect((await showOf(harness.card.channel)).spent).toBe(spent);
  });
});

describe("somebody with a reader of his own in a crowd", () => {
  it("takes at most noPinSum, here 60.00, whatever he asks for, and nothing more by asking again", async () => {
    await renew(other);
    let stolen = 0n;
    for (const amount of [allowanceBody.perTap, DEAREST_UNITS + 1n, ...new Array<bigint>(5).fill(DEAREST_UNITS), 1n]) {
      const taken = await steal(other, amount);
      if (taken.ok) stolen += amount;
      else expect(taken.sw).toBe(0x9e07);
    }
    expect(stolen).toBe(allowanceBody.noPinSum);
    expect(await steal(other, 1n)).toMatchObject({ ok: false, sw: 0x9e07 });
  });

  it("takes at most noPinCount payments, here 9, however small, and as many again only after an allowance with flag bit 3", async () => {
    for (let round = 0; round < 2; round += 1) {
      await renew(other);
      let taps = 0;
      while ((await steal(other, 1n)).ok) taps += 1;
      expect(taps).toBe(allowanceBody.noPinCount);
    }
  });
});

describe("another card in the middle of a session", () => {
  it("is refused by its cardTag, where the reader never saw the change, and neither card pays", async () => {
    await renew(harness.card);
    const before = [await showOf(harness.card.channel), await showOf(other.channel)];
    harness.middle.begin({
      instead: async (command) => (instructionOf(command) === PAY ? await other.wire.transmit(command) : undefined),
    });
    const tap = await harness.terminal.tap("1.00");
    expect(tap).toMatchObject({ outcome: "refused", code: "CARD_WRONG_CARD", sw: "9E09", voucherId: null });
    const after = [await showOf(harness.card.channel), await showOf(other.channel)];
    expect(after.map(({ spent }) => spent)).toEqual(before.map(({ spent }) => spent));
  });

  it("never gets the request of the one that was pulled away, which alone can end the sale", async () => {
    await renew(harness.card);
    await showOf(other.channel);
    harness.middle.begin({ response: (response, command) => (instructionOf(command) === PAY ? null : response) });
    const torn = await harness.terminal.tap("2.00", { saleId: "pulled" });
    expect(torn).toMatchObject({ outcome: "unresolved", code: "TAP_TORN" });
    harness.middle.begin();
    harness.middle.card = other.wire;
    await harness.reader.lay();
    expect(await harness.terminal.tap("2.00", { saleId: "pulled" })).toMatchObject({ code: "CARD_WRONG_CARD" });
    expect(harness.middle.of(PAY)).toHaveLength(0);
    harness.middle.card = harness.card.wire;
    expect(await harness.terminal.tap("2.00", { saleId: "pulled" })).toMatchObject({
      outcome: "accepted",
      id: torn.id,
    });
  });
});

describe("a card and its copy", () => {
  it("convict one another: two vouchers of one counter, both signed by one key, reach settlement as evidence", async () => {
    await renew(other);
    const counter = (await showOf(other.channel)).counter + 1;
    await other.remove();
    const copied = join(harness.folder.path, "copied");
    cpSync(other.state, copied, { recursive: true });
    const [first, second] = [await harness.bring(other.state), await harness.bring(copied)];
    harness.middle.begin();
    harness.middle.card = first.wire;
    const paid = await harness.terminal.tap("3.00");
    expect(paid).toMatchObject({ outcome: "accepted", counter });
    harness.middle.card = second.wire;
    const convicted = await harness.terminal.tap("4.00");
    expect(convicted).toMatchObject({ outcome: "refused", code: "COUNTER_USED_TWICE", counter, voucherId: null });
    harness.middle.card = harness.card.wire;
    await harness.terminal.sync();
    const evidence = harness.settlement.vouchers.filter(
      ({ cardKey, message }) => sameBytes(cardKey, other.cardKey) && message.counter === counter,
    );
    expect(evidence.map(({ message }) => message.amount)).toEqual([3_000_000n, 4_000_000n]);
    const keys = [{ domain, id: 1, publicKey: issuer.publicKey }];
    const checks = createSignatureChecks(keys);
    for (const bundle of evidence) expect(judgeVoucher(bundle, { checks })).toMatchObject({ worth: "promised" });
    const [one, two] = evidence.map(observationOf);
    if (one === undefined || two === undefined) throw new Error("there are not two vouchers");
    expect(pairFault(one, two)).toBe("COUNTER_USED_TWICE");
    expect(harness.settlement.reversed.length).toBeGreaterThan(0);
  });
});

function sameBytes(left: Uint8Array, right: Uint8Array): boolean {
  return Buffer.compare(left, right) === 0;
}

function observationOf({ message, context }: VoucherBundle): CardObservation {
  const { spent, allowanceSeq, link } = context;
  return {
    counter: message.counter,
    amount: message.amount,
    spent,
    allowanceSeq,
    link,
    messageHash: messageHash(message),
  };
}
