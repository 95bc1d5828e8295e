import { describe, expect, it } from "@jest/globals";
import type { ActionKind } from "./chain-actions.ts";
import { ownSigners, signerOf, type IssuerSigners } from "./issuer-signers.ts";

const unused = (): never => {
  throw new Error("Nothing is signed here.");
};
const signer = (byte: number) => ({ address: new Uint8Array(20).fill(byte), sign: unused, read: unused });
const [treasury, gas, guarantee, former] = [signer(1), signer(2), signer(3), signer(4)];
const signers: IssuerSigners = { treasury, gas, guarantee, former: [former] };

/** Who sends what, where there is a gas wallet: as the vault and the token ask for it (spec §6.19). */
const senders: Readonly<Record<ActionKind, unknown>> = {
  ...{ approve: treasury, fund: treasury, "first-unit": treasury, compensate: guarantee },
  ...{ open: gas, settle: gas, advance: gas, withdraw: gas, convict: gas, return: gas },
  ...{ "request-withdrawal": former, "withdraw-card": former, "sweep-tokens": former, "sweep-coin": former },
};

describe("signerOf", () => {
  it.each(Object.entries(senders))("%s", (kind, sender) => {
    expect(signerOf(kind, signers, former.address)).toBe(sender);
  });

  it("lets the treasury send everything but compensations where there is no gas wallet", () => {
    const alone = { ...signers, gas: null, former: [] };
    const others = Object.keys(senders).filter((kind) => kind !== "compensate");
    expect(others.map((kind) => signerOf(kind, alone, treasury.address))).toEqual(others.map(() => treasury));
    expect(signerOf("compensate", { ...alone, guarantee: null })).toBeNull();
  });

  it("gives what is one account's to no other", () => {
    expect(signerOf("withdraw-card", signers, signer(9).address)).toBeNull();
    expect(signerOf("sweep-tokens", { ...signers, former: [] }, former.address)).toBeNull();
    // Planned before actions named their account.
    expect(signerOf("request-withdrawal", signers)).toBe(treasury);
  });

  it("knows every key of a configuration once", () => {
    expect(ownSigners(signers)).toEqual([treasury, gas, guarantee, former]);
    expect(ownSigners({ treasury, gas: null, guarantee: null, former: [] })).toEqual([treasury]);
  });
});
