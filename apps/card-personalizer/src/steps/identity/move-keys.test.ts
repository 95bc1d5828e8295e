import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { isApduError } from "@tallystick/apdu";
import { createMemoryMasterKey } from "@tallystick/keystore";
import { SoftwareDomain } from "../../../test/harness/software-domain.ts";
import { StepsHarness } from "../../../test/harness/steps-harness.ts";
import { type IdentifiedSession, openIdentifiedSession } from "../../card/identify.ts";
import { stockSchema } from "../../config/stock-schema.ts";
import { asFailure } from "../../failures.ts";
import { createDefaultKeys, createMasterKeys, type MasterKeys } from "../../keys/card-keys.ts";
import { moveKeys } from "./replace-keys.ts";

const CARDS = 50;
const AWAY = 10;

let harness: StepsHarness;
beforeEach(() => {
  harness = new StepsHarness();
});
afterEach(() => {
  harness.remove();
});

const masterOf = (fill: number) => createMasterKeys(createMemoryMasterKey(new Uint8Array(16).fill(fill)), 0x30);
const [old, next] = [masterOf(0xa0), masterOf(0xb0)];
const before: MasterKeys = { ...old, former: [] };
const after: MasterKeys = { ...next, former: [old] };

function nameOf(index: number): Uint8Array {
  return Uint8Array.of(0xf0, 1, 2, 3, 4, 5, 6, 7, 8, index);
}

async function cardOf(index: number): Promise<SoftwareDomain> {
  const { enc, mac, dek } = await old.derive(nameOf(index));
  return new SoftwareDomain(nameOf(index), { version: 0x30, enc, mac, dek });
}

let drawn = 0;

function open(card: SoftwareDomain, keys: MasterKeys, retryKeys = false): Promise<IdentifiedSession> {
  const profile = stockSchema.parse({});
  return openIdentifiedSession(card.channel, null, {
    ...{ keys, journal: harness.journal, allowDefaultKeys: false, retryKeys, nowMs: harness.nowMs },
    stock: { profile, keys: createDefaultKeys({ version: profile.keyVersion, keyBits: profile.keyBits }) },
    randomBytes: (length) => new Uint8Array(length).fill((drawn += 1)),
    checkCard: () => undefined,
  });
}

/** One visit at a station; what the card says afterwards. */
async function visit(card: SoftwareDomain, keys: MasterKeys): Promise<string> {
  try {
    await moveKeys(await open(card, keys), { keys, journal: harness.journal });
  } catch (error) {
    if (isApduError(error, "TORN")) return "torn";
    throw error;
  }
  return (await open(card, keys)).keysName;
}

describe("a new master key", () => {
  it(`takes the place of the old one on cards that come, and ${AWAY} of ${CARDS} that never come stay reachable`, async () => {
    const cards = await Promise.all(Array.from({ length: CARDS }, (_, index) => cardOf(index)));
    for (const card of cards) expect((await open(card, before)).keysName).toBe(old.name);

    const coming = cards.slice(AWAY);
    for (const [index, card] of coming.entries()) {
      // Every fifth one is pulled off: half of these before the card keeps its keys, half after.
      if (index % 5 === 0) {
        card.tear = index % 10 === 0 ? "before" : "after";
        expect(await visit(card, after)).toBe("torn");
      }
      expect(await visit(card, after)).toBe(next.name);
    }

    const named: string[] = [];
    for (const card of cards) {
      const asked = card.asked;
      named.push((await open(card, after)).keysName);
      // The journal knows each card's key: none is asked with another one first.
      expect(card.asked - asked).toBe(1);
    }
    expect(named).toEqual([...Array<string>(AWAY).fill(old.name), ...Array<string>(CARDS - AWAY).fill(next.name)]);
    // No card has counted a failure: wrong keys are found by the card's own cryptogram.
    expect(cards.map(({ failures }) => failures)).toEqual(Array(CARDS).fill(0));
    // With the old key taken out, they are out of reach, and are so by name; with it they are back.
    const retired: MasterKeys = { ...next, former: [] };
    const [away] = cards;
    if (away === undefined) throw new Error("no card");
    expect(await open(away, retired).catch((error: unknown) => asFailure(error).code)).toBe("WRONG_KEYS");
    expect((await open(away, after)).keysName).toBe(old.name);
    expect(await visit(away, after)).toBe(next.name);
  });

  it("is found on a card of another station, of which this journal knows nothing", async () => {
    const card = await cardOf(1);
    expect((await open(card, after)).keysName).toBe(old.name);
    expect([card.asked, card.failures]).toEqual([2, 0]);
    const foreign = new SoftwareDomain(nameOf(2), { version: 0x30, ...keysOf(7) });
    expect(await open(foreign, after).catch((error: unknown) => asFailure(error).code)).toBe("WRONG_KEYS");
    expect(await open(foreign, after).catch((error: unknown) => asFailure(error).code)).toBe("KEYS_REFUSED_BEFORE");
    expect([foreign.asked, foreign.failures]).toEqual([3, 0]);
  });
});

function keysOf(fill: number): { enc: Uint8Array; mac: Uint8Array; dek: Uint8Array } {
  const key = new Uint8Array(16).fill(fill);
  return { enc: key, mac: key, dek: key };
}
