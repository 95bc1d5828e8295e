import {
  digestOf,
  type Domain,
  encodeStateProof,
  isProtocolError,
  normalizeCardSignature,
  type SelectAnswer,
  stateProofEntry,
} from "@tallystick/protocol";
import type { TapCard } from "../../reader/tap-card.ts";
import type { TapEngineParts } from "../sale.ts";

/**
 * What a card proves of itself for a challenge of this terminal (spec §3.6), as an upload's entry; null
 * where it proves nothing.
 */
export async function stateProofOf(
  { randomBytes }: Pick<TapEngineParts, "randomBytes">,
  card: TapCard,
  { domain, select }: { readonly domain: Domain; readonly select: SelectAnswer },
): Promise<Uint8Array | null> {
  const challenge = randomBytes(16);
  const answer = await card.prove(challenge);
  if (answer === null) return null;
  const { signature: der, ...shown } = answer;
  const proof = { domain, challenge, ...shown };
  try {
    const { signature } = normalizeCardSignature(der, digestOf(encodeStateProof(proof)), select.cardKey);
    return stateProofEntry({ cardKey: select.cardKey, proof, signature }).data;
  } catch (error) {
    if (!isProtocolError(error)) throw error;
    return null;
  }
}
