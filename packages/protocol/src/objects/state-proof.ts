import { type CardState, cardStateBytes } from "./card-state.ts";
import { type Domain, domainField } from "../parties/domain.ts";
import { amount, fixedBytes, oneOf, unsigned } from "../bytes/fields.ts";
import { defineLayout, type Field, nested } from "../bytes/layout.ts";

/** `TLYP`: what a card says of itself for a challenge (spec §3.6). */
export interface StateProof {
  readonly domain: Domain;
  /** 16 bytes of whoever asked. */
  readonly challenge: Uint8Array;
  readonly counter: number;
  /** Units. */
  readonly spent: bigint;
  /** Sequence number of the allowance held; 0 while the card has none. */
  readonly seq: number;
  readonly state: CardState;
  /** SHA-256(M of counter), zeros at counter 0: 32 bytes. */
  readonly head: Uint8Array;
}

const layout = defineLayout<StateProof>({
  object: "StateProof",
  head: "TLYP",
  fields: {
    domain: domainField,
    challenge: fixedBytes(16),
    counter: unsigned(4),
    spent: amount(),
    seq: unsigned(4),
    state: oneOf(cardStateBytes),
    head: fixedBytes(32),
  },
});

/** Bytes of a proof of state: 95. */
export const STATE_PROOF_LENGTH: number = layout.length;

/**
 * Writes `TLYP` as its 95 bytes (spec §3.6). Throws ProtocolError where a field is not what it may
 * be.
 */
export function encodeStateProof(proof: StateProof): Uint8Array {
  return layout.encode(proof);
}

/** Reads `TLYP` from exactly 95 bytes; throws ProtocolError. */
export function decodeStateProof(bytes: Uint8Array): StateProof {
  return layout.decode(bytes);
}

/** A field that holds a proof of state. */
export const stateProofField: Field<StateProof> = nested(layout);
