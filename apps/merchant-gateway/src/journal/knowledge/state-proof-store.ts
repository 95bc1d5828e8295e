import { plain } from "../events/blob.ts";
import type { Statements } from "../events/statements.ts";

/** What a card proved of itself (spec §3.6), as it travels. */
export interface StateProofRecord {
  readonly domainBytes: Uint8Array;
  /** Compressed, 33 bytes. */
  readonly cardKey: Uint8Array;
  /** The data of an upload's entry of kind 3. */
  readonly entry: Uint8Array;
}

/** Proofs of cards for settlement: the newest one of each card. */
export class StateProofStore {
  private readonly statements: Statements;

  constructor(statements: Statements) {
    this.statements = statements;
  }

  /** Keeps a proof in place of an older one of its card. */
  keep({ domainBytes, cardKey, entry }: StateProofRecord): void {
    this.statements.run(
      `INSERT INTO state_proof (domain, card_key, entry, upload_seq) VALUES (?, ?, ?, NULL)
       ON CONFLICT (domain, card_key) DO UPDATE SET entry = excluded.entry, upload_seq = NULL`,
      ...[domainBytes, cardKey, entry],
    );
  }

  /** Those in no upload, or in one that was set aside. */
  toPack(domainBytes: Uint8Array, limit: number): readonly StateProofRecord[] {
    return this.statements
      .many<{ readonly card_key: Uint8Array; readonly entry: Uint8Array }>(
        `SELECT card_key, entry FROM state_proof AS proof WHERE domain = ?
           AND (upload_seq IS NULL
             OR EXISTS (SELECT 1 FROM upload_set_aside WHERE domain = proof.domain AND seq = proof.upload_seq))
         LIMIT ?`,
        ...[domainBytes, limit],
      )
      .map(({ card_key: cardKey, entry }) => ({ domainBytes, cardKey: plain(cardKey), entry: plain(entry) }));
  }

  /** They travel with this upload. */
  pack(proofs: readonly StateProofRecord[], seq: number): void {
    for (const { domainBytes, cardKey } of proofs)
      this.statements.run(
        "UPDATE state_proof SET upload_seq = ? WHERE domain = ? AND card_key = ?",
        ...[seq, domainBytes, cardKey],
      );
  }
}
