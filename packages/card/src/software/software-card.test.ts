import { describe, expect, it } from "@jest/globals";
import { bytesFromHex, bytesToHex, encodeCommand } from "@tallystick/apdu";
import {
  addressOfKey,
  type AllowanceBody,
  cardStates,
  cardTag,
  compressKey,
  createSigner,
  digestOf,
  type Domain,
  encodeAllowance,
  encodeAllowanceBody,
  encodePayRequest,
  messageHash,
  normalizeCardSignature,
  type PayRequest,
  rebuildVoucher,
  uncompressKey as uncompressKeyOf,
  toAddress,
} from "@tallystick/protocol";
import {
  CARD_IMAGE_BYTES,
  changePin,
  generateKey,
  openSoftwareCard,
  pay,
  select,
  selectInstanceCommand,
  type SoftwareCard,
  type SoftwareCardStore,
  startPinSession,
  storeAddressCommand,
  storeData,
  storeDomainCommand,
  storeIssuerKeyCommand,
  storeOwnerCommand,
  storePinCommand,
  triesLeft,
  updateAllowance,
  verifyPin,
} from "../index.ts";

const domain: Domain = { chainId: 31_337n, vault: toAddress(new Uint8Array(20).fill(0x11)) };
const issuer = createSigner(digestOf(new TextEncoder().encode("issuer of the software card's tests")));
const PIN = Uint8Array.of(1, 2, 3, 4);
const WRONG_PIN = Uint8Array.of(4, 3, 2, 1);
const PUK = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);

/** Random bytes that are the same in every run. */
function predictable(): (length: number) => Uint8Array {
  let count = 0;
  return (length) => digestOf(Uint8Array.of(count++)).slice(0, length);
}

class MemoryStore implements SoftwareCardStore {
  image: Uint8Array | null = null;
  saves = 0;
  failing = false;

  async load(): Promise<Uint8Array | null> {
    return await Promise.resolve(this.image);
  }

  async save(image: Uint8Array): Promise<void> {
    await Promise.resolve();
    if (this.failing) throw new Error("no space left");
    this.image = image.slice();
    this.saves += 1;
  }
}

const body: AllowanceBody = {
  issuerKeyId: 1,
  seq: 1,
  maxSpent: 10_000n,
  softSpent: 10_000n,
  maxCounter: 1_000,
  perTap: 500n,
  pinAbove: 100n,
  noPinSum: 300n,
  noPinCount: 9,
  notBefore: 1_000,
  notAfter: 2_000,
  cardIndex: 0,
  categories: 2n ** 64n - 1n,
  flags: 4,
};

async function personalized(
  store: MemoryStore,
  contactless = false,
): Promise<{ card: SoftwareCard; cardKey: Uint8Array }> {
  const card = await openSoftwareCard({ store, random: predictable(), contactless });
  const inside = card.personalize;
  await select(card.transmit);
  const done = async (work: Promise<{ ok: boolean }>) => expect((await work).ok).toBe(true);
  await done(storeData(inside, storeDomainCommand(domain)));
  await done(storeData(inside, storeIssuerKeyCommand({ keyId: 1, publicKey: uncompressed(issuer.publicKey) })));
  const key = await generateKey(inside);
  if (!key.ok) throw new Error("no key");
  const address = addressOfKey(key.value);
  await done(storeData(inside, storeAddressCommand(address)));
  await done(storeData(inside, storeOwnerCommand(toAddress(new Uint8Array(20).fill(0x99)))));
  await done(storeData(inside, storePinCommand(card.encryptSensitive, { pin: PIN, puk: PUK })));
  const signature = await issuer.sign(digestOf(encodeAllowance({ domain, card: address, body })));
  await done(updateAllowance(inside, { body: encodeAllowanceBody(body), signature }));
  return { card, cardKey: compressKey(key.value) };
}

function uncompressed(key: Uint8Array): Uint8Array {
  return key.length === 65 ? key : uncompressKeyOf(key);
}

function request(cardKey: Uint8Array, counter: number, amount: bigint): PayRequest {
  return {
    cardTag: cardTag(domain, cardKey),
    counter,
    payee: toAddress(new Uint8Array(20).fill(0xaa)),
    amount,
    time: 1_500,
    challenge: new Uint8Array(16).fill(counter),
    terminalId: new Uint8Array(8).fill(7),
    category: 3,
  };
}

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
    await expect(pay(card.transmit, asked)).rejects.toThrow("no space left");
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
  const session = async (card: SoftwareCard, cardKey: Uint8Array) => {
    const terminal = {
      domain,
      cardKey,
      challenge: new Uint8Array(16).fill(1),
      ephemeralSecret: new Uint8Array(32).fill(2),
    };
    const opened = await startPinSession(card.transmit, terminal);
    if (!opened.ok) throw new Error(opened.message);
    return opened.value;
  };

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
    const { card, cardKey } = await personalized(store, true);
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
