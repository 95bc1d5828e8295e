import { describe, expect, it } from "@jest/globals";
import { addressOfKey, isProtocolError } from "@tallystick/protocol";
import { testSigner } from "../../test/harness/test-terminal.ts";
import { cardAddress } from "./card-address.ts";

describe("the address of a card's key", () => {
  it("is the protocol's, the first time and later", () => {
    for (const name of ["anna", "bert", "anna"]) {
      const { publicKey } = testSigner(name);
      expect(cardAddress(publicKey)).toEqual(addressOfKey(publicKey));
      expect(cardAddress(publicKey.slice())).toBe(cardAddress(publicKey));
    }
  });

  it("is missing where the key is not a point, however often it is asked for", () => {
    for (let time = 0; time < 2; time += 1) {
      let thrown: unknown = null;
      try {
        cardAddress(new Uint8Array(33).fill(5));
      } catch (error) {
        thrown = error;
      }
      expect(isProtocolError(thrown)).toBe(true);
    }
  });
});
