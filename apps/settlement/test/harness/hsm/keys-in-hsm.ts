import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { tokenOf } from "@tallystick/keystore";
import { importSigningKey, type SoftHsm } from "@tallystick/keystore/testing";
import { fromHex } from "@tallystick/protocol";
import { randomBytes } from "node:crypto";
import type { SettlementHarness } from "../settlement-harness.ts";

/** A token of an HSM that keys are imported into, and a file that names each. */
export interface HsmKeys {
  /** Imports a key, and writes the file that names it; answers its path. */
  file(keyLabel: string, secretKey?: Uint8Array, folder?: string): string;
}

/** A token of its own. */
export function hsmKeys(hsm: SoftHsm): HsmKeys {
  const { tokenLabel } = hsm.makeToken("settlement");
  const reference = { library: hsm.library, tokenLabel, pinFile: join(hsm.folder, "settlement.pin") };
  const token = tokenOf(reference, join(hsm.folder, "none"));
  return {
    file: (keyLabel, secretKey = randomBytes(32), folder = hsm.folder) => {
      importSigningKey(token, keyLabel, Uint8Array.from(secretKey));
      const path = join(folder, `${keyLabel}.json`);
      const named = { schema: "tallystick.pkcs11-key/1", ...reference, keyLabel };
      writeFileSync(path, JSON.stringify(named), { mode: 0o600 });
      return path;
    },
  };
}

/**
 * The settings of a service whose issuer, treasury and guarantee keys are in an HSM: the accounts of the harness, and a
 * drawn issuer key.
 */
export function keysInHsm(hsm: SoftHsm, harness: Pick<SettlementHarness, "anvil">): Record<string, unknown> {
  const { file } = hsmKeys(hsm);
  const [treasury, guarantee] = harness.anvil.accounts.map(({ privateKey }) => fromHex(privateKey, 32));
  return {
    chainKeyFile: file("treasury", treasury),
    issuerKeyFile: file("issuer-1"),
    guarantee: { bears: true, perCard: "1000.00", perPayeePerDay: "1000.00", keyFile: file("guarantee", guarantee) },
  };
}
