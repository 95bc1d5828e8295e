import { readDevelopmentKey } from "@tallystick/program";
import { createSigner } from "@tallystick/protocol";
import type { Config } from "../config/config.ts";

/** The issuer's signing key behind a port: a development file here, a key service in production. */
export interface Issuer {
  readonly keyId: number;
  /** Compressed, 33 bytes. */
  readonly publicKey: Uint8Array;
  /** The present key and the former ones, under which vouchers still arrive. */
  readonly knownKeys: readonly { readonly id: number; readonly publicKey: Uint8Array }[];
  /** Signs a 32-byte digest; answers r ‖ s of 64 bytes with low s. */
  sign(digest: Uint8Array): Promise<Uint8Array>;
}

export const ISSUER = Symbol("ISSUER");

/**
 * An issuer over a development key file and the former public keys of the configuration. Throws
 * KeyFileError.
 */
export function createDevelopmentIssuer(config: Config): Issuer {
  const { keyId, secretKey } = readDevelopmentKey(config.issuerKeyFile, { chainIds: [config.chainId] });
  const signer = createSigner(secretKey);
  const former = config.formerIssuerKeys.map(({ id, publicKey }) => ({ id, publicKey: publicKey.compressed }));
  return {
    keyId,
    publicKey: signer.publicKey,
    knownKeys: [{ id: keyId, publicKey: signer.publicKey }, ...former.filter(({ id }) => id !== keyId)],
    sign: (digest) => signer.sign(digest),
  };
}
