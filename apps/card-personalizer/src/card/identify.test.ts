import { createKeySet, kdf3KeySet } from "@tallystick/apdu";
import { createScriptedCard, type ScriptStep } from "@tallystick/apdu/testing";
import { describe, expect, it } from "@jest/globals";
import { asFailure, Failure } from "../failures.ts";
import type { Journal } from "../journal/journal.ts";
import { openIdentifiedSession, type IdentifyOptions } from "./identify.ts";

const hostChallenge = new Uint8Array(8).fill(0x11);
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
  };
  return { journal: journal as unknown as Journal, known };
}

function options(changes: Partial<IdentifyOptions> = {}): IdentifyOptions {
  return {
    keys: {
      name: "master",
      derive: async (diversificationData) => kdf3KeySet(new Uint8Array(16), { version: 1, diversificationData }),
    },
    journal: refusedKeys().journal,
    ...{ allowDefaultKeys: false, retryKeys: false, nowMs: 1, hostChallenge, checkCard: () => undefined },
    ...changes,
  };
}

async function codeOf(script: readonly ScriptStep[], given: IdentifyOptions): Promise<string> {
  const card = createScriptedCard(script);
  const code = await openIdentifiedSession(card.channel, given).then(
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

  it("refuses a key version that is neither ours nor the factory's", async () => {
    expect(await codeOf([answer("30")], options({ allowDefaultKeys: true }))).toBe("WRONG_KEYS");
  });

  it("lets nobody use a key on a card that is not the one expected", async () => {
    const never = { name: "never", derive: () => Promise.reject(new Error("a key was derived")) };
    const checkCard = (name: string) => {
      expect(name).toBe(cardName);
      throw new Failure("WRONG_CARD");
    };
    expect(await codeOf([answer("01")], options({ keys: never, checkCard }))).toBe("WRONG_CARD");
  });

  it("destroys the keys it used", async () => {
    const key = new Uint8Array(16).fill(7);
    const set = createKeySet({ version: 1, enc: key, mac: key, dek: key });
    await codeOf([answer("01")], options({ keys: { name: "one", derive: async () => set } }));
    expect([set.enc, set.mac, set.dek].flatMap((bytes) => [...bytes]).every((byte) => byte === 0)).toBe(true);
  });

  it.each([
    ["a card that speaks SCP02", `${cardName}0102${"00".repeat(16)}9000`, "CARD_NOT_SUITABLE"],
    ["a card without response MAC", `${cardName}010300${"22".repeat(16)}9000`, "CARD_NOT_SUITABLE"],
    ["a card that knows no secure channel", "6d00", "CARD_REFUSED"],
    ["an answer of a wrong length", `${cardName}9000`, "CARD_CONTRADICTS"],
    ["a torn answer", "90", "TORN"],
  ])("names %s", async (_name, response, code) => {
    expect(await codeOf([[initializeUpdate, response]], options())).toBe(code);
  });
});
