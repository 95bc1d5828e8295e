import { KeyFileError } from "./key-file-error.ts";

/**
 * Chains on which nothing has worth, where a key that protects nothing may sign: local nodes (31337,
 * 1337) and public test networks (Sepolia, Holesky, Hoodi, Base Sepolia, OP Sepolia, Arbitrum
 * Sepolia, Amoy).
 */
export const DEVELOPMENT_CHAIN_IDS: readonly bigint[] = [
  ...[31_337n, 1_337n],
  ...[11_155_111n, 17_000n, 560_048n, 84_532n, 11_155_420n, 421_614n, 80_002n],
];

/** What a key is read for. */
export interface KeyUse {
  readonly chainIds: readonly bigint[];
  /** Whether its owner calls this production, on whatever chain. */
  readonly production?: boolean;
}

/** Throws KEY_FILE_DEVELOPMENT where a key that is marked as one for development would protect worth. */
export function assertKeyFits(path: string, isDevelopment: boolean, { chainIds, production = false }: KeyUse): void {
  if (!isDevelopment) return;
  const chain = chainIds.find((id) => !DEVELOPMENT_CHAIN_IDS.includes(id));
  if (!production && chain === undefined) return;
  const where = production ? "this is production" : `chain ${String(chain)} is not one for development`;
  throw new KeyFileError("KEY_FILE_DEVELOPMENT", path, `${path} is marked as a development key, and ${where}.`);
}
