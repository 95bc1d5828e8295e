import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { createSigner, encodeMerchantCertificate, uncompressKey } from "@tallystick/protocol";
import { configOf, domain, settlementOf, START_MS, StepsHarness } from "../../../test/harness/steps-harness.ts";
import { certifyTerminal } from "./certificate.ts";

const START = Math.floor(START_MS / 1_000);
const config = configOf();
const terminal = { name: "terminal", signer: createSigner(new Uint8Array(32).fill(7)) };

let harness: StepsHarness;
beforeEach(() => {
  harness = new StepsHarness();
});
afterEach(() => {
  harness.remove();
});

const optionsOf = (certify: () => Promise<never>) => ({
  ...{ terminal, journal: harness.journal, settlement: settlementOf({ certify }), config, nowSeconds: START },
});

describe("certifying the issuer's own terminal", () => {
  it("asks settlement where the journal has no certificate, and is not done without one", async () => {
    const options = optionsOf(() => Promise.reject(new Error("settlement was asked")));
    await expect(certifyTerminal(harness.runner(), options)).rejects.toBeInstanceOf(Error);
    expect(harness.step("certificate")?.state).toBe("begun");
  });

  it("is done with the certificate of an earlier run", async () => {
    const certificate = encodeMerchantCertificate({
      ...{ domain, issuerKeyId: 1, ...config.testPayee, terminalKey: uncompressKey(terminal.signer.publicKey) },
      ...{ notBefore: START - 1, notAfter: START + 86_400 * 30, perTap: 1n, unsentSum: 1n, unsentCount: 1 },
      ...{ perCardSum: 1n, softwareSum: 1n },
    });
    harness.journal.storeCertificate(terminal.name, { certificate, signature: new Uint8Array(64).fill(1) });
    const options = optionsOf(() => Promise.reject(new Error("settlement was asked")));
    await certifyTerminal(harness.runner(), options);
    expect(harness.step("certificate")).toEqual({ state: "done", data: {} });
  });
});
