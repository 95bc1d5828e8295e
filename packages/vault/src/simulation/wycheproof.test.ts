import { describe, expect, it } from "@jest/globals";
import { addressOfKey, toHex } from "@tallystick/protocol";
import {
  hasHighS,
  pointBeyondOrder,
  withLowS,
  type WycheproofCase,
  wycheproofCases,
  wrongVerdicts,
} from "@tallystick/protocol/testing/wycheproof";
import { type RecoverSigner, recoverSigner, signerOf } from "./vault-signature.ts";

/** Whether either parity of the vault's form of r ‖ s names the key. */
function namesKey(signature: Uint8Array, { digest, publicKey }: WycheproofCase, recover: RecoverSigner): boolean {
  return [0, 1].some((parity) => {
    const vs = signature.slice(32);
    vs[0] = (vs[0] ?? 0) | (parity << 7);
    const signer = signerOf(digest, { r: signature.slice(0, 32), vs }, recover);
    return signer !== null && toHex(signer) === toHex(addressOfKey(publicKey));
  });
}

describe("the simulator's signatures on Wycheproof's P1363 cases", () => {
  const cases = wycheproofCases("p1363").filter(({ signature }) => signature.length === 64);
  const known = ({ tcId, valid }: WycheproofCase) => valid && !pointBeyondOrder.p1363.includes(tcId);

  it("name the key exactly where they are valid, once s is low", () => {
    expect(wrongVerdicts(cases, (entry) => namesKey(withLowS(entry.signature), entry, recoverSigner), known)).toEqual(
      [],
    );
  });

  it("name it with no high s", () => {
    expect(
      wrongVerdicts(
        cases,
        (entry) => namesKey(entry.signature, entry, recoverSigner),
        (entry) => known(entry) && !hasHighS(entry.signature),
      ),
    ).toEqual([]);
  });
});
