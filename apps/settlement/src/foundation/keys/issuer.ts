import { openSigningKey } from "@tallystick/keystore";
import { ProgramError } from "@tallystick/program";
import type { Config } from "../config/config.ts";

/** One key that the issuer signs with, in a development file or in an HSM. */
export interface IssuerSigner {
  readonly id: number;
  /** Compressed, 33 bytes. */
  readonly publicKey: Uint8Array;
  /** Signs a 32-byte digest; answers r ‖ s of 64 bytes with low s. Rejects with KeystoreError. */
  sign(digest: Uint8Array): Promise<Uint8Array>;
}

/** The issuer's keys behind a port. */
export interface Issuer extends Omit<IssuerSigner, "id"> {
  /** The present key, which everything new is signed with. */
  readonly keyId: number;
  /** The present key, and those that sign beside it until every card holds the present one (spec §6.10). */
  readonly signers: readonly IssuerSigner[];
  /** The keys that sign and the former ones, under which vouchers still arrive. */
  readonly knownKeys: readonly { readonly id: number; readonly publicKey: Uint8Array }[];
  /** The key of an id; null where it does not sign any more. */
  signerOf(id: number): IssuerSigner | null;
}

export const ISSUER = Symbol("ISSUER");

/** Two key files name one id, or one key under two ids: nobody could tell whose signature is whose. */
export class IssuerKeysShared extends ProgramError {
  override readonly name = "IssuerKeysShared";

  constructor(id: number) {
    const next = "Give each issuer key an id of its own, in its key file.";
    super("ISSUER_KEYS_SHARED", `Two keys of the issuer have the id ${id}, or one key has two ids.`, {
      exit: "keys",
      next,
    });
  }
}

/**
 * An issuer over its key files and the former public keys of the configuration. Throws KeyFileError,
 * KeystoreError and IssuerKeysShared.
 */
export function createIssuer(config: Config): Issuer {
  const { issuerKeyFile, parallelIssuerKeyFiles, chainId, formerIssuerKeys } = config;
  const open = (file: string): IssuerSigner => {
    const { keyId, key } = openSigningKey(file, { chainIds: [chainId] });
    return { id: keyId, publicKey: key.publicKey, sign: key.sign };
  };
  const present = open(issuerKeyFile);
  return issuerOf([present, ...parallelIssuerKeyFiles.map(open)], formerIssuerKeys.map(compressed));
}

/** An issuer of keys that sign, the present one first, and of public keys that did. Throws IssuerKeysShared. */
export function issuerOf(
  signers: readonly [IssuerSigner, ...(readonly IssuerSigner[])],
  former: Issuer["knownKeys"] = [],
): Issuer {
  const [present] = signers;
  for (const [index, { id, publicKey }] of signers.entries()) {
    const shared = (other: IssuerSigner): boolean => other.id === id || Buffer.from(other.publicKey).equals(publicKey);
    if (signers.slice(0, index).some(shared)) throw new IssuerKeysShared(id);
  }
  const signing = signers.map(({ id, publicKey }) => ({ id, publicKey }));
  return {
    ...{ keyId: present.id, publicKey: present.publicKey, sign: (digest) => present.sign(digest), signers },
    knownKeys: [...signing, ...former.filter(({ id }) => !signing.some((key) => key.id === id))],
    signerOf: (wanted) => signers.find(({ id }) => id === wanted) ?? null,
  };
}

function compressed({ id, publicKey }: Config["formerIssuerKeys"][number]): Issuer["knownKeys"][number] {
  return { id, publicKey: publicKey.compressed };
}
