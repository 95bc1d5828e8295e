import type { InstallationKeys } from "../../foundation/database/installation.ts";
import type { IssuerSigners } from "../issuer-signers.ts";

/** What a database is bound to, of the keys that a configuration names. */
export function boundKeys(
  { treasury, gas }: Pick<IssuerSigners, "treasury" | "gas">,
  issuer: InstallationKeys["issuer"],
): InstallationKeys {
  return { treasury: treasury.address, gas: gas?.address ?? null, issuer };
}
