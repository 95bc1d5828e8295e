import { describe, expect, it } from "@jest/globals";
import { createSigner, digestOf, protocolEngine } from "@tallystick/protocol";
import { createCardEngine, signatureEngine } from "./card-engine.ts";

const [issuer, card] = [createSigner(new Uint8Array(32).fill(7)), createSigner(new Uint8Array(32).fill(8))];
const digest = digestOf(Uint8Array.of(1, 2, 3));

describe.each([
  ["the library of this machine", signatureEngine],
  ["JavaScript, where there is no library", protocolEngine],
])("signatures at a tap by %s", (_name, engine) => {
  const engineOfTap = createCardEngine([issuer.publicKey], engine);

  it.each([
    ["a pinned issuer", issuer],
    ["a card", card],
  ])("of %s are valid by its own key alone, the second time too", async (_signer, signer) => {
    const signature = await signer.sign(digest);
    for (const { publicKey } of [issuer, card, issuer, card]) {
      const own = publicKey === signer.publicKey;
      expect(engineOfTap.verify(signature, digest, publicKey)).toBe(own);
      expect(engineOfTap.parityOf(signature, digest, publicKey)).toBe(
        own ? protocolEngine.parityOf(signature, digest, publicKey) : null,
      );
    }
    const changed = signature.map((byte, index) => (index === 40 ? byte ^ 1 : byte));
    expect(engineOfTap.verify(changed, digest, signer.publicKey)).toBe(false);
    expect(engineOfTap.addressOf(signer.publicKey)).toEqual(protocolEngine.addressOf(signer.publicKey));
  });
});

it("has the library on the machines that this project is tested on", () => {
  expect(signatureEngine.verify).not.toBe(protocolEngine.verify);
});
