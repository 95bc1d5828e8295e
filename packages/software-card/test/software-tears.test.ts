import { describe, expect, it } from "@jest/globals";
import {
  addressOfKey,
  digestOf,
  encodeAllowance,
  encodeAllowanceBody,
  encodePayRequest,
  uncompressKey,
} from "@tallystick/protocol";
import { changePin, pay, select, updateAllowance, verifyPin } from "@tallystick/card";
import { openSoftwareCard, type SoftwareCard } from "../src/index.ts";
import {
  body,
  domain,
  issuer,
  MemoryStore,
  personalized,
  PIN,
  pinSession,
  request,
  WRONG_PIN,
} from "../src/testing/issued-card.ts";

// The software card's own tear matrix: the power goes before or after each of its saves, and again
// in the recovery.

type When = "before" | "after";
interface Tear {
  readonly save: number;
  readonly when: When;
}

/** Saves that a command makes at most. */
const SAVES = 2;
const TEARS: readonly Tear[] = Array.from({ length: SAVES }, (_unused, index) => index + 1).flatMap((save) =>
  (["before", "after"] as const).map((when) => ({ save, when })),
);
const PAIRS = TEARS.flatMap((first) => TEARS.map((second) => ({ first, second })));

class PowerLoss extends Error {}

/** Loses the power at one of its next saves. */
class TearingStore extends MemoryStore {
  tear: Tear | null = null;
  #saved = 0;

  plan(tear: Tear | null): void {
    this.tear = tear;
    this.#saved = 0;
  }

  override async save(image: Uint8Array): Promise<void> {
    this.#saved += 1;
    const torn = this.tear !== null && this.#saved === this.tear.save;
    if (!torn || this.tear?.when === "after") await super.save(image);
    if (torn) throw new PowerLoss("the power went");
  }
}

interface Torn {
  readonly store: TearingStore;
  readonly cardKey: Uint8Array;
  card: SoftwareCard;
}

async function issued(): Promise<Torn> {
  const store = new TearingStore();
  const { card, cardKey } = await personalized(store);
  return { store, cardKey, card };
}

let seed = 1;

async function powerOn(torn: Torn): Promise<void> {
  torn.store.plan(null);
  seed += 1;
  const drawn = seed;
  torn.card = await openSoftwareCard({
    store: torn.store,
    random: (length) => digestOf(Uint8Array.of(drawn & 0xff, drawn >> 8)).slice(0, length),
  });
  await select(torn.card.transmit);
}

/** Runs a command that may be torn; whether it was. */
async function runTorn(torn: Torn, tear: Tear, work: () => Promise<unknown>): Promise<boolean> {
  torn.store.plan(tear);
  try {
    await work();
    return false;
  } catch (error) {
    expect(error).toBeInstanceOf(PowerLoss);
    return true;
  } finally {
    await powerOn(torn);
  }
}

describe("a software card that loses its power twice", () => {
  it.each(PAIRS)("$first.save $first.when, then $second.save $second.when: pays once", async ({ first, second }) => {
    const torn = await issued();
    const asked = encodePayRequest(request(torn.cardKey, 1, 50n));
    await runTorn(torn, first, async () => await pay(torn.card.transmit, asked));
    await runTorn(torn, second, async () => await pay(torn.card.transmit, asked));
    const voucher = await pay(torn.card.transmit, asked);
    expect(voucher).toMatchObject({ ok: true, value: { counter: 1, spent: 50n } });
    expect(await pay(torn.card.transmit, asked)).toEqual(voucher);
    expect(await select(torn.card.transmit)).toMatchObject({ value: { answer: { counter: 1, spent: 50n } } });
  });

  it.each(PAIRS)("$first.save $first.when, then $second.save $second.when: wins no try", async ({ first, second }) => {
    const torn = await issued();
    const asked = request(torn.cardKey, 1, 400n);
    const guess = async () => {
      const session = await pinSession(torn.card, torn.cardKey);
      return await verifyPin(torn.card.transmit, session, { pin: WRONG_PIN, request: asked });
    };
    let lost = 0;
    for (const tear of [first, second]) {
      // The one save of a wrong guess takes the try: before it nothing is lost, after it the try is
      // gone.
      const wasTorn = await runTorn(torn, tear, guess);
      if (!wasTorn || tear.when === "after") lost += 1;
    }
    expect(await guess()).toMatchObject({ ok: false, sw: 0x63c2 - lost });
  });

  it.each(TEARS)("$save $when: a right PIN may lose its try and never wins one", async (tear) => {
    const torn = await issued();
    const asked = request(torn.cardKey, 1, 400n);
    const verify = async (pin: Uint8Array) => {
      const session = await pinSession(torn.card, torn.cardKey);
      return await verifyPin(torn.card.transmit, session, { pin, request: asked });
    };
    await verify(WRONG_PIN);
    await runTorn(torn, tear, async () => await verify(PIN));
    // Two tries were left: the first save takes one, the second gives back all three.
    const left = tear.save === 1 ? (tear.when === "before" ? 2 : 1) : tear.when === "before" ? 1 : 3;
    expect(await verify(WRONG_PIN)).toMatchObject({ ok: false, sw: 0x63c0 + left - 1 });
  });

  it.each(TEARS)("$save $when: has the old PIN or the new one", async (tear) => {
    const torn = await issued();
    await runTorn(torn, tear, async () => {
      const session = await pinSession(torn.card, torn.cardKey);
      return await changePin(torn.card.transmit, session, { oldPin: PIN, newPin: WRONG_PIN });
    });
    const changed = tear.save === 2 && tear.when === "after";
    const session = await pinSession(torn.card, torn.cardKey);
    const pin = changed ? WRONG_PIN : PIN;
    const asked = request(torn.cardKey, 1, 400n);
    expect(await verifyPin(torn.card.transmit, session, { pin, request: asked })).toMatchObject({ ok: true });
  });

  it.each(PAIRS)(
    "$first.save $first.when, then $second.save $second.when: one allowance",
    async ({ first, second }) => {
      const torn = await issued();
      const card = addressOfKey(uncompressKey(torn.cardKey));
      const newer = { ...body, seq: 2, perTap: 700n };
      const signature = await issuer.sign(digestOf(encodeAllowance({ domain, card, body: newer })));
      const update = async () =>
        await updateAllowance(torn.card.transmit, { body: encodeAllowanceBody(newer), signature });
      let stored = false;
      for (const tear of [first, second]) {
        const wasTorn = await runTorn(torn, tear, update);
        stored ||= !wasTorn || tear.when === "after";
        const shown = await select(torn.card.transmit);
        expect(shown).toMatchObject({ value: { answer: { allowanceBody: stored ? newer : body } } });
      }
      expect(await update()).toMatchObject(stored ? { ok: false, sw: 0x9e0a } : { ok: true });
    },
  );

  it("signs with the key it was made with", async () => {
    const torn = await issued();
    await powerOn(torn);
    const shown = await select(torn.card.transmit);
    expect(shown).toMatchObject({ value: { answer: { cardKey: torn.cardKey } } });
  });
});
