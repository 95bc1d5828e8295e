import { describe, expect, it } from "@jest/globals";
import { compressKey, isProtocolError, normalizeCardSignature, toHex } from "../index.ts";
import { lowCardSignature } from "../parties/verifying.ts";
import {
  hasHighS,
  pointBeyondOrder,
  withLowS,
  type WycheproofCase,
  wycheproofCases,
  wrongVerdicts,
} from "../testing/wycheproof.ts";
import { createNativeEngine } from "./native-engine.ts";

describe("the native engine on Wycheproof's P1363 signatures", () => {
  const engine = createNativeEngine();
  const cases = wycheproofCases("p1363");
  const known = ({ tcId, valid }: WycheproofCase) => valid && !pointBeyondOrder.p1363.includes(tcId);

  it("verifies exactly where they are valid and s is low", () => {
    expect(
      wrongVerdicts(
        cases,
        ({ signature, digest, publicKey }) => engine.verify(signature, digest, compressKey(publicKey)),
        ({ valid, signature }) => valid && !hasHighS(signature),
      ),
    ).toEqual([]);
  });

  it("verifies exactly where they are valid once s is low", () => {
    expect(
      wrongVerdicts(
        cases,
        ({ signature, digest, publicKey }) => engine.verify(withLowS(signature), digest, compressKey(publicKey)),
        ({ valid }) => valid,
      ),
    ).toEqual([]);
  });

  it("names a parity, and by it the key, exactly where they are valid and the point is below the order", () => {
    expect(
      wrongVerdicts(
        cases,
        ({ signature, digest, publicKey }) => {
          const [low, key] = [withLowS(signature), compressKey(publicKey)];
          const parity = engine.parityOf(low, digest, key);
          const parities = ([0, 1] as const).filter((one) => {
            const found = engine.keyOf(low, digest, one);
            return found !== null && toHex(found) === toHex(key);
          });
          // Nobody else's parity gives the key, and without a parity none does.
          expect(parities).toEqual(parity === null ? [] : [parity]);
          return parity !== null;
        },
        known,
      ),
    ).toEqual([]);
  });
});

describe("the native engine on Wycheproof's signatures as cards answer them", () => {
  const engine = createNativeEngine();
  const orNull = <T>(ask: () => T): T | null => {
    try {
      return ask();
    } catch (error) {
      if (!isProtocolError(error)) throw error;
      return null;
    }
  };

  it.each(["der", "bitcoin"] as const)("takes those of %s that the protocol's own engine takes", (name) => {
    const cases = wycheproofCases(name);
    const taken = cases.map(({ tcId, signature, digest, publicKey }) => {
      const low = orNull(() => lowCardSignature(signature));
      const parity = low === null ? null : engine.parityOf(low, digest, publicKey);
      const own = orNull(() => normalizeCardSignature(signature, digest, publicKey));
      expect([tcId, parity]).toEqual([tcId, own?.parity ?? null]);
      if (own !== null) expect(low).toEqual(own.signature);
      return parity !== null;
    });
    expect(taken.filter(Boolean).length).toBeGreaterThan(100);
  });
});
