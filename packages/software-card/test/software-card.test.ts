import { describe, expect, it } from "@jest/globals";
import { bytesFromHex, bytesToHex, encodeCommand } from "@tallystick/apdu";
import {
  cardStates,
  compressKey,
  encodePayRequest,
  messageHash,
  normalizeCardSignature,
  rebuildVoucher,
} from "@tallystick/protocol";
import {
  changePin,
  pay,
  select,
  selectInstanceCommand,
  storeData,
  storeDomainCommand,
  triesLeft,
  verifyPin,
} from "@tallystick/card";
import { CARD_IMAGE_BYTES, openSoftwareCard } from "../src/index.ts";
import {
  domain,
  issuer,
  MemoryStore,
  personalized,
  PIN,
  pinSession as session,
  predictable,
  request,
  WRONG_PIN,
} from "../src/testing/issued-card.ts";

describe("a software card", () => {
  it("pays a voucher that its key signed, stored before it was answered", async () => {
    const store = new MemoryStore();
    const { card, cardKey } = await personalized(store);
    const asked = request(cardKey, 1, 50n);
    const saves = store.saves;
    const answer = await pay(card.transmit, encodePayRequest(asked));
    if (!answer.ok) throw new Error(answer.message);
    expect(store.saves).toBe(saves + 1);
    const { message } = rebuildVoucher(domain, asked, answer.value);
    expect(normalizeCardSignature(answer.value.signature, messageHash(message), cardKey).signature).toHaveLength(64);
  });

  it("answers nothing that it could not store, and is then the card it was", async () => {
    const store = new MemoryStore();
    const { card, cardKey } = await personalized(store);
    const asked = encodePayRequest(request(cardKey, 1, 50n));
    const before = bytesToHex(await card.transmit(encodeCommand(selectInstanceCommand())));
    store.failing = true;
    await expect(pay(card.transmit, asked)).rejects.toMatchObject({ code: "STORE_FULL" });
    store.failing = false;
    expect(bytesToHex(await card.transmit(encodeCommand(selectInstanceCommand())))).toBe(before);
    expect((await pay(card.transmit, asked)).ok).toBe(true);
  });

  it("repeats the same voucher after it was taken from its store again", async () => {
    const store = new MemoryStore();
    const { card, cardKey } = await personalized(store);
    const asked = encodePayRequest(request(cardKey, 1, 50n));
    const first = await pay(card.transmit, asked);
    const again = await openSoftwareCard({ store, random: predictable() });
    expect(await select(again.transmit)).toMatchObject({ ok: true, value: { answer: { counter: 1, spent: 50n } } });
    expect(await pay(again.transmit, asked)).toEqual(first);
    expect(await pay(again.transmit, encodePayRequest(request(cardKey, 1, 51n)))).toMatchObject({
      ok: false,
      sw: 0x9e08,
    });
  });

  it("stores nothing for a refused command", async () => {
    const store = new MemoryStore();
    const { card, cardKey } = await personalized(store);
    const saves = store.saves;
    expect(await pay(card.transmit, encodePayRequest(request(cardKey, 1, 501n)))).toMatchObject({ sw: 0x9e04 });
    expect(await pay(card.transmit, encodePayRequest(request(cardKey, 1, 101n)))).toMatchObject({ sw: 0x9e07 });
    expect(await pay(card.transmit, encodePayRequest(request(cardKey, 2, 1n)))).toMatchObject({ sw: 0x9e08 });
    expect(store.saves).toBe(saves);
  });

  it("refuses every command until it was selected, and a name that is not its own", async () => {
    const card = await openSoftwareCard({ store: new MemoryStore(), random: predictable() });
    expect(bytesToHex(await card.transmit(bytesFromHex("80CADF0200")))).toBe("6985");
    expect(await select(card.transmit, 2)).toMatchObject({ ok: false, sw: 0x6a82 });
    expect(await select(card.transmit)).toMatchObject({
      value: { kind: "blank", answer: { state: cardStates.installed } },
    });
  });

  it("does not let a terminal into the personalization channel", async () => {
    const card = await openSoftwareCard({ store: new MemoryStore(), random: predictable() });
    await select(card.transmit);
    expect(await storeData(card.transmit, storeDomainCommand(domain))).toMatchObject({ ok: false, sw: 0x6e00 });
    expect(bytesToHex(await card.transmit(bytesFromHex("84460000080000000000000000")))).toBe("6982");
  });

  it.each([
    ["too short", new Uint8Array(CARD_IMAGE_BYTES - 1)],
    ["too long", new Uint8Array(CARD_IMAGE_BYTES + 1)],
    ["without its mark", new Uint8Array(CARD_IMAGE_BYTES)],
    ["of another version", Uint8Array.of(0x54, 0x4c, 0x53, 0x43, 2, 1, ...new Uint8Array(CARD_IMAGE_BYTES - 6))],
    ["in no state", Uint8Array.of(0x54, 0x4c, 0x53, 0x43, 1, 2, ...new Uint8Array(CARD_IMAGE_BYTES - 6))],
  ])("is not made of stored bytes that are %s", async (_name, image) => {
    const store = new MemoryStore();
    store.image = image;
    await expect(openSoftwareCard({ store, random: predictable() })).rejects.toMatchObject({ name: "CardError" });
  });
});

describe("a PIN on a software card", () => {
  it("opens exactly the payment it was verified for, and sets the sums without PIN back", async () => {
    const { card, cardKey } = await personalized(new MemoryStore());
    await pay(card.transmit, encodePayRequest(request(cardKey, 1, 90n)));
    const large = request(cardKey, 2, 400n);
    expect(await verifyPin(card.transmit, await session(card, cardKey), { pin: PIN, request: large })).toMatchObject({
      ok: true,
    });
    expect(await pay(card.transmit, encodePayRequest(request(cardKey, 2, 401n)))).toMatchObject({
      ok: false,
      sw: 0x9e07,
    });
    expect(await pay(card.transmit, encodePayRequest(large))).toMatchObject({ ok: true, value: { cvm: 1 } });
    expect(await select(card.transmit)).toMatchObject({ value: { answer: { noPinUsed: 0n, noPinTaps: 0 } } });
  });

  it("is lost try by try, durably, and blocked after three", async () => {
    const store = new MemoryStore();
    const { card, cardKey } = await personalized(store);
    const asked = request(cardKey, 1, 400n);
    for (const left of [2, 1, 0]) {
      const answer = await verifyPin(card.transmit, await session(card, cardKey), { pin: WRONG_PIN, request: asked });
      expect(answer).toMatchObject({ ok: false, sw: 0x63c0 | left });
      expect(answer.ok ? null : triesLeft(answer)).toBe(left);
    }
    const again = await openSoftwareCard({ store, random: predictable() });
    await select(again.transmit);
    const blocked = await verifyPin(again.transmit, await session(again, cardKey), { pin: PIN, request: asked });
    expect(blocked).toMatchObject({ ok: false, sw: 0x6983 });
    expect(blocked.ok ? null : triesLeft(blocked)).toBe(0);
  });

  it("keeps its last try for contact", async () => {
    const store = new MemoryStore();
    const { card, cardKey } = await personalized(store, { contactless: true });
    const asked = request(cardKey, 1, 400n);
    for (const sw of [0x63c2, 0x63c1, 0x6985, 0x6985]) {
      expect(
        await verifyPin(card.transmit, await session(card, cardKey), { pin: WRONG_PIN, request: asked }),
      ).toMatchObject({ sw });
    }
    const contact = await openSoftwareCard({ store, random: predictable() });
    await select(contact.transmit);
    expect(
      await verifyPin(contact.transmit, await session(contact, cardKey), { pin: PIN, request: asked }),
    ).toMatchObject({ ok: true });
  });

  it("can be changed by its old value", async () => {
    const { card, cardKey } = await personalized(new MemoryStore());
    const change = { oldPin: PIN, newPin: WRONG_PIN };
    expect(await changePin(card.transmit, await session(card, cardKey), change)).toMatchObject({ ok: true });
    expect(await changePin(card.transmit, await session(card, cardKey), change)).toMatchObject({
      ok: false,
      sw: 0x63c2,
    });
  });

  it("is not asked for when somebody else signed the session", async () => {
    const { card } = await personalized(new MemoryStore());
    const other = issuer.publicKey.length === 33 ? issuer.publicKey : compressKey(issuer.publicKey);
    await expect(session(card, other)).rejects.toMatchObject({ name: "ProtocolError" });
  });
});
