import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { ApduError, type CardChannel, parseCommand } from "@tallystick/apdu";
import { INS, select, updateAllowance } from "@tallystick/card";
import { createMemoryMasterKey } from "@tallystick/keystore";
import {
  addressOfKey,
  compressKey,
  type AllowanceBody,
  digestOf,
  encodeAllowance,
  encodeAllowanceBody,
  fromHex,
  type SelectAnswer,
  type Signer,
  toAddress,
  toHex,
  uncompressKey,
} from "@tallystick/protocol";
import { giveAllowance, storeParticulars } from "@tallystick/card/testing";
import { openSoftwareCard } from "@tallystick/software-card";
import { SECOND_ISSUER } from "../../test/harness/settlement-state.ts";
import { SoftwareDomain } from "../../test/harness/software-domain.ts";
import { domain, issuer, settlementOf, StepsHarness } from "../../test/harness/steps-harness.ts";
import type { CardVisit } from "../card/card-visit.ts";
import { type IdentifiedSession, openIdentifiedSession } from "../card/identify.ts";
import type { Config } from "../config/load-config.ts";
import { stockSchema } from "../config/stock-schema.ts";
import { createDefaultKeys, createMasterKeys, type MasterKeys } from "../keys/card-keys.ts";
import type { SettlementClient } from "../settlement/settlement-client.ts";
import { renewCard } from "./renew-card.ts";

const CARDS = 50;
const AWAY = 10;
const SIGNATURE_WRONG = 0x9e0b;

let harness: StepsHarness;
beforeEach(() => {
  harness = new StepsHarness();
});
afterEach(() => {
  harness.remove();
});

const masterOf = (fill: number) => createMasterKeys(createMemoryMasterKey(new Uint8Array(16).fill(fill)), 0x30);
const [old, next] = [masterOf(0xa0), masterOf(0xb0)];
const keys: MasterKeys = { ...next, former: [old] };
const signers: Readonly<Record<number, Signer>> = { 1: issuer, 2: SECOND_ISSUER };
const config = {
  domain,
  cardIssuerKey: { id: 2, publicKey: uncompressKey(SECOND_ISSUER.publicKey) },
  issuerKeys: [2, 1].map((id) => ({ domain, id, publicKey: signers[id]?.publicKey })),
} as unknown as Config;

const body: AllowanceBody = {
  ...{ issuerKeyId: 1, seq: 1, maxSpent: 10_000n, softSpent: 10_000n, maxCounter: 1_000, cardIndex: 0, flags: 4 },
  ...{ perTap: 500n, pinAbove: 100n, noPinSum: 300n, noPinCount: 9, notBefore: 1_000, notAfter: 2_000 },
  categories: 2n ** 64n - 1n,
};

/** A whole card: its security domain and its applet, and where it is torn next. */
interface TestCard {
  readonly gp: SoftwareDomain;
  readonly applet: CardChannel;
  readonly inside: CardChannel;
  readonly cardKey: Uint8Array;
  /** The applet's command that is lost next, after it took effect. */
  torn: number | null;
}

async function cardOf(index: number): Promise<TestCard> {
  let image: Uint8Array | null = null;
  const store = {
    load: () => Promise.resolve(image),
    save: (saved: Uint8Array) => {
      image = saved.slice();
      return Promise.resolve();
    },
  };
  let drawn = 0;
  const random = (length: number) => digestOf(Uint8Array.of(index, (drawn += 1))).slice(0, length);
  const card = await openSoftwareCard({ store, random });
  await select(card.transmit);
  const owner = toAddress(new Uint8Array(20).fill(9));
  const pin = Uint8Array.of(1, 2, 3, 4);
  const publicKey = await storeParticulars(
    card.personalize,
    { domain, issuer, body, owner, pin },
    card.encryptSensitive,
  );
  await giveAllowance(card.personalize, publicKey, { domain, issuer, body });
  const cardKey = compressKey(publicKey);
  const name = Uint8Array.of(0xf0, 1, 2, 3, 4, 5, 6, 7, 8, index);
  const { enc, mac, dek } = await old.derive(name);
  return {
    ...{ gp: new SoftwareDomain(name, { version: 0x30, enc, mac, dek }), cardKey, torn: null },
    ...{ applet: card.transmit, inside: card.personalize },
  };
}

/** One visit of a card at the station. */
function visitOf(card: TestCard): CardVisit {
  const profile = stockSchema.parse({});
  const open = async (): Promise<IdentifiedSession> =>
    await openIdentifiedSession(card.gp.channel, null, {
      ...{ keys, journal: harness.journal, allowDefaultKeys: false, retryKeys: false, nowMs: harness.nowMs },
      stock: { profile, keys: createDefaultKeys({ version: profile.keyVersion, keyBits: profile.keyBits }) },
      randomBytes: (length) => new Uint8Array(length).fill(7),
      checkCard: () => undefined,
    });
  const transmit: CardChannel = async (command) => {
    const answer = await card.inside(command);
    if (parseCommand(command).ins !== card.torn) return answer;
    card.torn = null;
    throw new ApduError("TORN", "The card lost its power.", {});
  };
  return {
    channel: card.applet,
    selectApplet: async () => {
      const selected = await select(card.applet);
      return selected.ok ? selected.value : null;
    },
    insideSecurityDomain: async (work) => await work(await open(), new Uint8Array(0)),
    insideApplet: async (work) => {
      const identified = await open();
      await select(card.applet);
      return await work({ ...identified, session: { ...identified.session, transmit } });
    },
  };
}

/** A settlement that signs by the key that a station asks for, as spec §6.10 says. */
function settlementFor(cards: readonly TestCard[]) {
  const newest = new Map(cards.map(({ cardKey }) => [toHex(addressOfKey(cardKey)), body]));
  const masters = new Map<string, string>();
  const sign = async (card: string, next: AllowanceBody) => {
    newest.set(card, next);
    const signer = signers[next.issuerKeyId] ?? issuer;
    const bytes = encodeAllowance({ domain, card: fromHex(card) as never, body: next });
    return { body: encodeAllowanceBody(next), signature: await signer.sign(digestOf(bytes)) };
  };
  const settlement: SettlementClient = settlementOf({
    card: (card) => Promise.resolve({ card, state: "open", status: "valid" }),
    changeKeys: async (card, { masterKey, issuerKeyId }) => {
      if (masterKey !== undefined) masters.set(card, masterKey);
      if (issuerKeyId === undefined) return { allowance: null };
      const last = newest.get(card) ?? body;
      const signed = await sign(
        card,
        last.issuerKeyId === issuerKeyId ? last : { ...last, issuerKeyId, seq: last.seq + 1 },
      );
      return { allowance: { body: toHex(signed.body), signature: toHex(signed.signature) } };
    },
  });
  return { settlement, masters, newest, sign };
}

async function shownBy(card: TestCard): Promise<SelectAnswer> {
  const selected = await select(card.applet);
  if (!selected.ok || selected.value.kind === "blank") throw new Error("it shows no allowance");
  return selected.value.answer;
}

describe("new keys of the issuer", () => {
  it(`reach the cards that come, torn wherever they are, and ${AWAY} of ${CARDS} that never come go on by the old ones`, async () => {
    const cards = await Promise.all(Array.from({ length: CARDS }, (_, index) => cardOf(index)));
    const { settlement, masters, newest, sign } = settlementFor(cards);
    const renew = (card: TestCard) =>
      renewCard(visitOf(card), { config, keys, journal: harness.journal, settlement, reason: "new keys" });
    const coming = cards.slice(AWAY);
    for (const [index, card] of coming.entries()) {
      if (index % 4 === 1) card.gp.tear = index % 8 === 1 ? "before" : "after";
      // After the key was stored, and after the allowance was taken.
      if (index % 4 === 2) card.torn = INS.storeData;
      if (index % 4 === 3) card.torn = INS.updateAllowance;
      if (index % 4 !== 0) await expect(renew(card)).rejects.toMatchObject({ code: "TORN" });
      const renewed = await renew(card);
      expect([renewed.masterKey.now, renewed.issuerKey.now, renewed.seq]).toEqual([next.name, 2, 2]);
      // Again it has no effect.
      expect(await renew(card)).toMatchObject({ masterKey: { before: next.name }, issuerKey: { before: 2 }, seq: 2 });
    }
    expect([...masters.values()]).toEqual(Array(CARDS - AWAY).fill(next.name));

    // Meanwhile both keys sign: each card takes its next allowance by the key of its newest one, and by no other.
    for (const [index, card] of cards.entries()) {
      const address = toHex(addressOfKey(card.cardKey));
      const last = newest.get(address) ?? body;
      expect((await shownBy(card)).allowanceBody.issuerKeyId).toBe(index < AWAY ? 1 : 2);
      const other = await sign(address, { ...last, issuerKeyId: 3 - last.issuerKeyId, seq: last.seq + 1 });
      expect(await updateAllowance(card.applet, other)).toMatchObject({ ok: false, sw: SIGNATURE_WRONG });
      expect(await updateAllowance(card.applet, await sign(address, { ...last, seq: last.seq + 1 }))).toMatchObject({
        ok: true,
      });
    }
    // Those that never came are opened by the old master key still, and can be renewed any time.
    for (const card of cards.slice(0, AWAY)) {
      const name = await visitOf(card).insideSecurityDomain(({ keysName }) => Promise.resolve(keysName));
      expect(name).toBe(old.name);
    }
    const [late] = cards;
    if (late === undefined) throw new Error("no card");
    expect(await renew(late)).toMatchObject({ masterKey: { before: old.name }, issuerKey: { before: 1 }, seq: 3 });
    expect(cards.map(({ gp }) => gp.failures)).toEqual(Array(CARDS).fill(0));
  });

  it("are given to no card that is revoked, and by no allowance that another signed", async () => {
    const card = await cardOf(1);
    const { settlement } = settlementFor([card]);
    const by = (changes: Partial<SettlementClient>) =>
      renewCard(visitOf(card), {
        ...{ config, keys, journal: harness.journal, reason: "new keys" },
        settlement: settlementOf({ ...settlement, ...changes }),
      });
    const before = await shownBy(card);
    await expect(
      by({ card: (address) => Promise.resolve({ card: address, state: "open", status: "revoked" }) }),
    ).rejects.toMatchObject({ code: "SETTLEMENT_REFUSED" });
    const forged = {
      body: toHex(encodeAllowanceBody({ ...body, issuerKeyId: 2, seq: 9 })),
      signature: `0x${"11".repeat(64)}`,
    };
    await expect(
      by({ card: settlement.card, changeKeys: () => Promise.resolve({ allowance: forged }) }),
    ).rejects.toMatchObject({ code: "ISSUER_KEY_MISMATCH" });
    expect(await shownBy(card)).toEqual(before);
  });
});
