import { decodeAllowanceBody } from "@tallystick/protocol";
import { Problem } from "../../foundation/http/problem.ts";
import type { Issuer, IssuerSigner } from "../../foundation/keys/issuer.ts";

/**
 * The issuer key that a card's next allowance is signed with (spec §6.10): the one that a station asks
 * for, as it writes that key to the card; else the card's, which is the newest allowance's; the present
 * one for a card without an allowance, and for one whose key does not sign any more. Throws Problem
 * ISSUER_KEY.
 */
export function keyForCard(
  issuer: Pick<Issuer, "signers" | "signerOf" | "keyId">,
  { asked, newest }: { readonly asked?: number | undefined; readonly newest: Uint8Array | null },
): IssuerSigner {
  if (asked !== undefined) return signerOf(issuer, asked);
  const held = newest === null ? issuer.keyId : decodeAllowanceBody(newest).issuerKeyId;
  return issuer.signerOf(held) ?? signerOf(issuer, issuer.keyId);
}

/** The key that an allowance names. Throws Problem ISSUER_KEY where it does not sign any more. */
export function signerOf(issuer: Pick<Issuer, "signerOf">, id: number): IssuerSigner {
  const signer = issuer.signerOf(id);
  if (signer !== null) return signer;
  throw new Problem("ISSUER_KEY", `Settlement does not sign with issuer key ${id}.`);
}
