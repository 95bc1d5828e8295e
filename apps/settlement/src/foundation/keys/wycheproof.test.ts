import { describe, expect, it } from "@jest/globals";
import { compressKey, toHex } from "@tallystick/protocol";
import {
  hasHighS,
  pointBeyondOrder,
  withLowS,
  type WycheproofCase,
  wycheproofCases,
  wrongVerdicts,
} from "@tallystick/protocol/testing/wycheproof";
import { createNativeEngine } from "./signature-engine.ts";

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
