/** Bytes of an evidence file: sixteen messages, their proofs and some uploads are a part of it. */
export const MAX_EVIDENCE_BYTES = 1_048_576;
