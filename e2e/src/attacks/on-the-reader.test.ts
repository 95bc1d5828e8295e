import { cpSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, jest } from "@jest/globals";
import { pay } from "@tallystick/card";
import {
  cardTag,
  encodePayRequest,
  messageHash,
  pairFault,
  type CardObservation,
  toAddress,
  type VoucherBundle,
  verifyVoucher,
} from "@tallystick/protocol";
import { allowanceBody, CATEGORY, domain, draw, issuer, nowSeconds } from "./issuer.ts";
import { ATTACK_TIMEOUT_MS } from "./limits.ts";
import { instructionOf } from "./man-in-the-middle.ts";
import { allow, PIN, showOf } from "./real-card.ts";
import { type IssuedCard, openShopCounter, pcscReader, type ShopCounter } from "./shop-counter.ts";

jest.setTimeout(ATTACK_TIMEOUT_MS);

// The whole way: the gateway's program, libpcsclite, a pcscd of its own, the virtual reader, and behind it whoever pretends to
// be a card. The applet is somewhere else.

const PAY = 0x10;
/** The dearest payment that needs no PIN: pinAbove. */
const DEAREST = "20.00";
const DEAREST_UNITS = allowanceBody.pinAbove;

let shop: ShopCounter;
/** A second holder's card. */
let other: IssuedCard;
let seq = allowanceBody.seq;

beforeAll(async () => {
  shop = await openShopCounter({ reader: pcscReader, body: allowanceBody });
  other = await shop.issue("other");
});

afterAll(async () => {
  await shop.close();
});

/** A newer allowance sets the sums without PIN back to nothing. */
async function renew(card: IssuedCard): Promise<void> {
  seq += 1;
  await showOf(card.channel);
  await allow(card.channel, card.cardKey, { ...allowanceBody, seq });
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
  it("pays with it at most noPinSum, here 60.00, then the till asks for the PIN that he does not know", async () => {
    await renew(shop.card);
    shop.middle.begin();
    let relayed = 0n;
    let last = await shop.till.tap(DEAREST);
    for (; last.outcome === "accepted"; last = await shop.till.tap(DEAREST)) relayed += DEAREST_UNITS;
    expect(last).toMatchObject({ outcome: "refused", code: "CARD_PIN_NEEDED", sw: "9E07" });
    expect(relayed).toBe(allowanceBody.noPinSum);
    expect(await shop.till.tap("0.01")).toMatchObject({ outcome: "refused", code: "CARD_PIN_NEEDED" });
    expect(await shop.till.tap(DEAREST, { pin: "0000" })).toMatchObject({ outcome: "refused", code: "CARD_WRONG_PIN" });
    // What every relayed command was: the till's own, byte for byte.
    for (const { asked, sent } of shop.middle.of(PAY)) expect(sent).toEqual(asked);
    expect(await shop.till.tap(DEAREST, { pin: PIN })).toMatchObject({ outcome: "accepted" });
  });

  it("and cuts the answer off gains nothing: the same sale reads the same voucher, without a second debit", async () => {
    await renew(shop.card);
    shop.middle.begin({ response: (response, command) => (instructionOf(command) === PAY ? null : response) });
    const cut = await shop.till.tap("1.00", { saleId: "cut" });
    expect(cut).toMatchObject({ outcome: "unresolved", code: "TAP_TORN", saleOpen: true });
    const { spent, counter } = await showOf(shop.card.channel);
    shop.middle.begin();
    await shop.counter.lay();
    const after = await shop.till.tap("1.00", { saleId: "cut" });
    expect(after).toMatchObject({ outcome: "accepted", id: cut.id, counter, voucherId: expect.any(String) });
    expect((await showOf(shop.card.channel)).spent).toBe(spent);
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

  it("takes at most noPinCount payments, here 9, however small, and as many again only after a newer allowance", async () => {
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
    await renew(shop.card);
    const before = [await showOf(shop.card.channel), await showOf(other.channel)];
    shop.middle.begin({
      instead: async (command) => (instructionOf(command) === PAY ? await other.wire.transmit(command) : undefined),
    });
    const tap = await shop.till.tap("1.00");
    expect(tap).toMatchObject({ outcome: "refused", code: "CARD_WRONG_CARD", sw: "9E09", voucherId: null });
    const after = [await showOf(shop.card.channel), await showOf(other.channel)];
    expect(after.map(({ spent }) => spent)).toEqual(before.map(({ spent }) => spent));
  });

  it("never gets the request of the one that was pulled away, which alone can end the sale", async () => {
    await renew(shop.card);
    await showOf(other.channel);
    shop.middle.begin({ response: (response, command) => (instructionOf(command) === PAY ? null : response) });
    const torn = await shop.till.tap("2.00", { saleId: "pulled" });
    expect(torn).toMatchObject({ outcome: "unresolved", code: "TAP_TORN" });
    shop.middle.begin();
    shop.middle.card = other.wire;
    await shop.counter.lay();
    expect(await shop.till.tap("2.00", { saleId: "pulled" })).toMatchObject({ code: "CARD_WRONG_CARD" });
    expect(shop.middle.of(PAY)).toHaveLength(0);
    shop.middle.card = shop.card.wire;
    expect(await shop.till.tap("2.00", { saleId: "pulled" })).toMatchObject({ outcome: "accepted", id: torn.id });
  });
});

describe("a card and its copy", () => {
  it("convict one another: two vouchers of one counter, both signed by one key, reach settlement as evidence", async () => {
    await renew(other);
    const counter = (await showOf(other.channel)).counter + 1;
    await other.remove();
    const copied = join(shop.folder.path, "copied");
    cpSync(other.state, copied, { recursive: true });
    const [first, second] = [await shop.bring(other.state), await shop.bring(copied)];
    shop.middle.begin();
    shop.middle.card = first.wire;
    const paid = await shop.till.tap("3.00");
    expect(paid).toMatchObject({ outcome: "accepted", counter });
    shop.middle.card = second.wire;
    const convicted = await shop.till.tap("4.00");
    expect(convicted).toMatchObject({ outcome: "refused", code: "COUNTER_USED_TWICE", counter, voucherId: null });
    shop.middle.card = shop.card.wire;
    await shop.till.sync();
    const evidence = shop.desk.vouchers.filter(
      ({ cardKey, message }) => sameBytes(cardKey, other.cardKey) && message.counter === counter,
    );
    expect(evidence.map(({ message }) => message.amount)).toEqual([3_000_000n, 4_000_000n]);
    const keys = [{ domain, id: 1, publicKey: issuer.publicKey }];
    for (const bundle of evidence) expect(verifyVoucher(bundle, keys)).toMatchObject({ ok: true });
    const [one, two] = evidence.map(observationOf);
    if (one === undefined || two === undefined) throw new Error("there are not two vouchers");
    expect(pairFault(one, two)).toBe("COUNTER_USED_TWICE");
    expect(shop.desk.cancellations).toBeGreaterThan(0);
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
