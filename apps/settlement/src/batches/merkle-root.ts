import { createHash } from "node:crypto";

/**
 * Merkle tree head over voucher ids in the payload's order (RFC 6962 §2.1: leaves hashed with 00, nodes with 01), so
 * that a merchant can prove that its voucher was in a batch. Zero leaves give SHA-256 of nothing.
 */
export function merkleRoot(leaves: readonly Uint8Array[]): Uint8Array {
  if (leaves.length === 0) return hash();
  const [only] = leaves;
  if (leaves.length === 1 && only !== undefined) return hash(Uint8Array.of(0), only);
  let split = 1;
  while (split * 2 < leaves.length) split *= 2;
  return hash(Uint8Array.of(1), merkleRoot(leaves.slice(0, split)), merkleRoot(leaves.slice(split)));
}

function hash(...parts: readonly Uint8Array[]): Uint8Array {
  const sha256 = createHash("sha256");
  for (const part of parts) sha256.update(part);
  return sha256.digest();
}
