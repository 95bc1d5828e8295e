import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { tokenOf } from "@tallystick/keystore";
import { importSigningKey, type SoftHsm } from "@tallystick/keystore/testing";
import { fromHex } from "@tallystick/protocol";
import { randomBytes } from "node:crypto";
import type { SettlementHarness } from "../settlement-harness.ts";

/**
 * The settings of a service whose issuer, treasury and guarantee keys are in an HSM: the accounts of the harness, and a
 * drawn issuer key.
 */
export function keysInHsm(hsm: SoftHsm, harness: Pick<SettlementHarness, "anvil">): Record<string, unknown> {
  const { tokenLabel } = hsm.makeToken("settlement");
  const reference = { library: hsm.library, tokenLabel, pinFile: "settlement.pin" };
  const token = tokenOf(reference, join(hsm.folder, "none"));
  const [treasury, guarantee] = harness.anvil.accounts.map(({ privateKey }) => fromHex(privateKey, 32));
  const file = (keyLabel: string, secretKey: Uint8Array = randomBytes(32)): string => {
    importSigningKey(token, keyLabel, Uint8Array.from(secretKey));
    const path = join(hsm.folder, `${keyLabel}.json`);
    writeFileSync(path, JSON.stringify({ schema: "tallystick.pkcs11-key/1", ...reference, keyLabel }), { mode: 0o600 });
    return path;
  };
  return {
    chainKeyFile: file("treasury", treasury),
    issuerKeyFile: file("issuer-1"),
    guarantee: { bears: true, perCard: "1000.00", perPayeePerDay: "1000.00", keyFile: file("guarantee", guarantee) },
  };
}
