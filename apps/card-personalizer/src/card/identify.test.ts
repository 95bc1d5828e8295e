import { createKeySet, kdf3KeySet } from "@tallystick/apdu";
import { createScriptedCard, type ScriptStep } from "@tallystick/apdu/testing";
import { describe, expect, it } from "@jest/globals";
import { stockSchema, type StockProfile } from "../config/stock-schema.ts";
import { asFailure, Failure } from "../failures.ts";
import type { Journal } from "../journal/journal.ts";
import { createDefaultKeys, createTransportKeys, type StockKeys } from "../keys/card-keys.ts";
import type { Stock } from "../keys/stock.ts";
import { openIdentifiedSession, UnnamedCard, type IdentifyOptions } from "./identify.ts";

const initializeUpdate = `8050000008${"11".repeat(8)}00`;
const cardName = "f0544c59000000000001";

/** An answer of the form of spec §4.10, with a cryptogram that no key made. */
function answer(keyVersion: string): ScriptStep {
  return [initializeUpdate, `${cardName}${keyVersion}0370${"22".repeat(8)}${"33".repeat(8)}0000019000`];
}

/** A journal that only remembers refused keys; everything else throws. */
function refusedKeys(): { journal: Journal; known: Set<string> } {
  const known = new Set<string>();
  const journal = {
    areKeysRefused: (card: string, keys: string) => known.has(`${card}/${keys}`),
    rememberRefusedKeys: (card: string, keys: string) => void known.add(`${card}/${keys}`),
    allowKeysAgain: (card: string, keys: string) => void known.delete(`${card}/${keys}`),
    keysOfCard: () => [],
    rememberKeys: () => undefined,
  };
  return { journal: journal as unknown as Journal, known };
}

/** A stock as the configuration describes it by default, with changes. */
function stockOf(changes: Partial<StockProfile> = {}, keys?: StockKeys): Stock {
  const profile = { ...stockSchema.parse({}), ...changes };
  return { profile, keys: keys ?? createDefaultKeys({ version: profile.keyVersion, keyBits: profile.keyBits }) };
}

function options(changes: Partial<IdentifyOptions> = {}): IdentifyOptions {
  return {
    keys: {
      name: "master",
      derive: async (diversificationData) => kdf3KeySet(new Uint8Array(16), { version: 1, diversificationData }),
      former: [],
    },
    journal: refusedKeys().journal,
    stock: stockOf(),
    randomBytes: (length) => new Uint8Array(length).fill(0x11),
    ...{ allowDefaultKeys: false, retryKeys: false, nowMs: 1, checkCard: () => undefined },
    ...changes,
  };
}

async function codeOf(script: readonly ScriptStep[], given: IdentifyOptions): Promise<string> {
  const card = createScriptedCard(script);
  const code = await openIdentifiedSession(card.channel, null, given).then(
    () => "opened",
    (error: unknown) => asFailure(error).code,
  );
  card.assertFinished();
  return code;
}

describe("openIdentifiedSession", () => {
  it("stops at a wrong cryptogram, without a second command, and remembers the keys", async () => {
    const { journal, known } = refusedKeys();
    expect(await codeOf([answer("01")], options({ journal }))).toBe("WRONG_KEYS");
    expect([...known]).toEqual([`${cardName}/master`]);
    expect(await codeOf([answer("01")], options({ journal }))).toBe("KEYS_REFUSED_BEFORE");
    expect(await codeOf([answer("01")], options({ journal, retryKeys: true }))).toBe("WRONG_KEYS");
  });

  it("refuses default keys unless they are allowed, and then tries only them", async () => {
    expect(await codeOf([answer("ff")], options())).toBe("DEFAULT_KEYS_REFUSED");
    const { journal, known } = refusedKeys();
    expect(await codeOf([answer("ff")], options({ journal, allowDefaultKeys: true }))).toBe("WRONG_KEYS");
    expect([...known]).toEqual([`${cardName}/default`]);
  });

  it("tries nothing on a card whose key version is neither its stock's nor ours", async () => {
    const { journal, known } = refusedKeys();
    for (const version of ["20", "31"])
      expect(await codeOf([answer(version)], options({ journal, allowDefaultKeys: true }))).toBe("KEY_VERSION_UNKNOWN");
    expect([...known]).toEqual([]);
  });

  it("takes our keys under the version that is configured, and under that of earlier releases", async () => {
    const { journal, known } = refusedKeys();
    for (const [version, stock] of [
      ["30", stockOf()],
      ["01", stockOf()],
      ["31", stockOf({ ownKeyVersion: 0x31 })],
    ] as const) {
      known.clear();
      expect(await codeOf([answer(version)], options({ journal, stock }))).toBe("WRONG_KEYS");
      expect([...known]).toEqual([`${cardName}/master`]);
    }
  });

  it.each(["kdf3", "emv", "visa2", "none"] as const)(
    "tries a maker's transport keys by %s, in production too",
    async (kdf) => {
      const { journal, known } = refusedKeys();
      const keys = createTransportKeys(new Uint8Array(16).fill(9), { version: 0x31, kdf });
      const stock = stockOf({ keyVersion: 0x31 }, keys);
      expect(await codeOf([answer("31")], options({ journal, stock }))).toBe("WRONG_KEYS");
      expect([...known]).toEqual([`${cardName}/${keys.name}`]);
    },
  );

  it("takes the stock's keys for a version that ours once had", async () => {
    const { journal, known } = refusedKeys();
    const stock = stockOf({ keyVersion: 0x01 });
    expect(await codeOf([answer("01")], options({ journal, stock, allowDefaultKeys: true }))).toBe("WRONG_KEYS");
    expect([...known]).toEqual([`${cardName}/default`]);
  });

  it.each(["00", "ff"])("says that ten bytes of %s name no card, before a key is used", async (byte) => {
    const nameless = `${byte.repeat(10)}300370${"22".repeat(8)}${"33".repeat(8)}0000019000`;
    const never = { name: "never", derive: () => Promise.reject(new Error("a key was derived")), former: [] };
    const card = createScriptedCard([[initializeUpdate, nameless]]);
    await expect(openIdentifiedSession(card.channel, null, options({ keys: never }))).rejects.toThrow(UnnamedCard);
    const again = createScriptedCard([[initializeUpdate, nameless]]);
    const seen: string[] = [];
    const named = options({ checkCard: (name) => void seen.push(name) });
    await expect(openIdentifiedSession(again.channel, "cplc-0102", named)).rejects.toMatchObject({
      code: "WRONG_KEYS",
    });
    expect(seen).toEqual(["cplc-0102"]);
  });

  it("speaks S16 where the stock says so, and names a card of the other mode", async () => {
    const long = `80500000 10 ${"11".repeat(16)} 00`.replaceAll(" ", "");
    const wide = `${cardName}300371${"22".repeat(16)}${"33".repeat(16)}0000019000`;
    const stock = stockOf({ mode: "S16" });
    expect(await codeOf([[long, wide]], options({ stock }))).toBe("WRONG_KEYS");
    expect(await codeOf([[long, answer("30")[1]]], options({ stock }))).toBe("CARD_NOT_SUITABLE");
  });

  it("lets nobody use a key on a card that is not the one expected", async () => {
    const never = { name: "never", derive: () => Promise.reject(new Error("a key was derived")), former: [] };
    const checkCard = (name: string) => {
      expect(name).toBe(cardName);
      throw new Failure("WRONG_CARD");
    };
    expect(await codeOf([answer("01")], options({ keys: never, checkCard }))).toBe("WRONG_CARD");
  });

  it("destroys the keys it used", async () => {
    const key = new Uint8Array(16).fill(7);
    const set = createKeySet({ version: 1, enc: key, mac: key, dek: key });
    await codeOf([answer("01")], options({ keys: { name: "one", derive: async () => set, former: [] } }));
    expect([set.enc, set.mac, set.dek].flatMap((bytes) => [...bytes]).every((byte) => byte === 0)).toBe(true);
  });

  it.each([
    ["a card that speaks SCP02", `${cardName}0102${"00".repeat(16)}9000`, "CARD_NOT_SUITABLE"],
    ["a card without response MAC", `${cardName}010300${"22".repeat(16)}9000`, "CARD_NOT_SUITABLE"],
    ["a card of the other mode", "6700", "CARD_NOT_SUITABLE"],
    ["a card that knows no secure channel", "6d00", "CARD_REFUSED"],
    ["an answer of a wrong length", `${cardName}9000`, "CARD_CONTRADICTS"],
    ["a torn answer", "90", "TORN"],
  ])("names %s", async (_name, response, code) => {
    expect(await codeOf([[initializeUpdate, response]], options())).toBe(code);
  });
});
