import { describe, expect, it } from "@jest/globals";
import { encodeCommand } from "@tallystick/apdu";
import { cardTag, encodePayRequest, toAddress } from "@tallystick/protocol";
import { getLog, pay, select, verifyPin, verifyPinCommand } from "@tallystick/card";
import { body, domain, MemoryStore, personalized, PIN, pinSession, request } from "../src/testing/issued-card.ts";

// What somebody with the card in reach, or between card and terminal, can and cannot do. The
// software card stands for the applet: the differential test holds both to the same answers.

describe("somebody with a reader in a crowd", () => {
  it("gets at most noPinSum, and then nothing without the PIN", async () => {
    const { card, cardKey } = await personalized(new MemoryStore());
    let taken = 0n;
    for (let counter = 1; ; counter++) {
      const answer = await pay(card.transmit, encodePayRequest(request(cardKey, counter, body.pinAbove)));
      if (!answer.ok) {
        expect(answer.sw).toBe(0x9e07);
        break;
      }
      taken += body.pinAbove;
    }
    expect(taken).toBe(body.noPinSum);
    expect(await pay(card.transmit, encodePayRequest(request(cardKey, 4, 1n)))).toMatchObject({
      ok: false,
      sw: 0x9e07,
    });
    await select(card.transmit);
    expect(await pay(card.transmit, encodePayRequest(request(cardKey, 4, 1n)))).toMatchObject({
      ok: false,
      sw: 0x9e07,
    });
  });

  it("learns of no other merchant's payments", async () => {
    const { card, cardKey } = await personalized(new MemoryStore());
    await pay(card.transmit, encodePayRequest(request(cardKey, 1, 5n)));
    const otherPayee = toAddress(new Uint8Array(20).fill(0xbb));
    expect(await getLog(card.transmit, 0, otherPayee)).toMatchObject({ ok: false, sw: 0x6a83 });
    expect(await getLog(card.transmit, 0)).toMatchObject({ ok: false, sw: 0x6982 });
  });
});

describe("somebody between card and terminal", () => {
  it("who plays a request again gets the same voucher and no second debit", async () => {
    const { card, cardKey } = await personalized(new MemoryStore());
    const asked = encodePayRequest(request(cardKey, 1, 50n));
    const first = await pay(card.transmit, asked);
    expect(await pay(card.transmit, asked)).toEqual(first);
    expect(await select(card.transmit)).toMatchObject({ value: { answer: { counter: 1, spent: 50n } } });
  });

  it("who repeats a challenge in another payment gets another voucher, by its counter", async () => {
    const { card, cardKey } = await personalized(new MemoryStore());
    const asked = request(cardKey, 1, 50n);
    const first = await pay(card.transmit, encodePayRequest(asked));
    const second = await pay(card.transmit, encodePayRequest({ ...asked, counter: 2 }));
    if (!first.ok || !second.ok) throw new Error("both should pay");
    expect(second.value).toMatchObject({ counter: 2, spent: 100n });
    expect(second.value.signature).not.toEqual(first.value.signature);
  });

  it.each([
    ["amount", { amount: 51n }],
    ["payee", { payee: toAddress(new Uint8Array(20).fill(0xbb)) }],
  ])(
    "who changes the %s of a request that was carried out is refused, because its counter is used",
    async (_name, change) => {
      const { card, cardKey } = await personalized(new MemoryStore());
      const asked = request(cardKey, 1, 50n);
      await pay(card.transmit, encodePayRequest(asked));
      expect(await pay(card.transmit, encodePayRequest({ ...asked, ...change }))).toMatchObject({
        ok: false,
        sw: 0x9e08,
      });
    },
  );

  it("who changes the currency is refused, because the tag names another card", async () => {
    const { card, cardKey } = await personalized(new MemoryStore());
    const other = { ...domain, vault: toAddress(new Uint8Array(20).fill(0x12)) };
    const asked = { ...request(cardKey, 1, 50n), cardTag: cardTag(other, cardKey) };
    expect(await pay(card.transmit, encodePayRequest(asked))).toMatchObject({ ok: false, sw: 0x9e09 });
  });

  it("cannot move a PIN to another payment, nor use it twice, nor spend a try by changing it", async () => {
    const { card, cardKey } = await personalized(new MemoryStore());
    const asked = request(cardKey, 1, 400n);
    const sealed = encodeCommand(verifyPinCommand(await pinSession(card, cardKey), PIN, asked));
    const changed = sealed.slice();
    changed[80] = (changed[80] ?? 0) ^ 1;
    expect(await card.transmit(changed)).toEqual(Uint8Array.of(0x69, 0x82));
    expect(await card.transmit(sealed)).toEqual(Uint8Array.of(0x69, 0x85));
    const fresh = await verifyPin(card.transmit, await pinSession(card, cardKey), { pin: PIN, request: asked });
    expect(fresh.ok).toBe(true);
    const redirected = { ...asked, payee: toAddress(new Uint8Array(20).fill(0xbb)) };
    expect(await pay(card.transmit, encodePayRequest(redirected))).toMatchObject({ ok: false, sw: 0x9e07 });
    expect((await pay(card.transmit, encodePayRequest(asked))).ok).toBe(true);
    expect(await pay(card.transmit, encodePayRequest({ ...asked, counter: 2 }))).toMatchObject({
      ok: false,
      sw: 0x9e07,
    });
  });

  it("who swaps the card mid-way pays with none: the second card is not the one that was asked", async () => {
    const first = await personalized(new MemoryStore());
    const second = await personalized(new MemoryStore(), { contactless: false, seed: 99 });
    const asked = encodePayRequest(request(first.cardKey, 1, 50n));
    expect(await pay(second.card.transmit, asked)).toMatchObject({ ok: false, sw: 0x9e09 });
  });
});
