import { openSigningKey } from "@tallystick/keystore";
import type { Config } from "../config/config.ts";

/** The issuer's signing key behind a port: a development file, or an HSM. */
export interface Issuer {
  readonly keyId: number;
  /** Compressed, 33 bytes. */
  readonly publicKey: Uint8Array;
  /** The present key and the former ones, under which vouchers still arrive. */
  readonly knownKeys: readonly { readonly id: number; readonly publicKey: Uint8Array }[];
  /** Signs a 32-byte digest; answers r ‖ s of 64 bytes with low s. Rejects with KeystoreError. */
  sign(digest: Uint8Array): Promise<Uint8Array>;
}

export const ISSUER = Symbol("ISSUER");

/**
 * An issuer over its key file and the former public keys of the configuration. Throws KeyFileError
 * and KeystoreError.
 */
export function createIssuer(config: Config): Issuer {
  const { keyId, key } = openSigningKey(config.issuerKeyFile, { chainIds: [config.chainId] });
  const former = config.formerIssuerKeys.map(({ id, publicKey }) => ({ id, publicKey: publicKey.compressed }));
  return {
    keyId,
    publicKey: key.publicKey,
    knownKeys: [{ id: keyId, publicKey: key.publicKey }, ...former.filter(({ id }) => id !== keyId)],
    sign: key.sign,
  };
}
