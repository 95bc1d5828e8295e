import {
  type AllowanceBody,
  decodeAllowanceBody,
  encodeAllowanceBody,
  equalBytes,
  isProtocolError,
  type SelectAnswer,
} from "@tallystick/protocol";
import { plain } from "../events/blob.ts";
import type { Statements } from "../events/statements.ts";

/** Whether a card has the short forms of SELECT and PAY; unknown until it was asked. */
export type ShortForms = "unknown" | "has" | "lacks";

/** A card that the terminal has met (spec §5.16). */
export interface KnownCard {
  readonly domainBytes: Uint8Array;
  /** Compressed, 33 bytes. */
  readonly cardKey: Uint8Array;
  readonly allowanceBody: AllowanceBody;
  readonly allowanceSignature: Uint8Array;
  readonly shortForms: ShortForms;
  /** Its cardTag was a second key's too, or did not lead to the key that signed. */
  readonly inDoubt: boolean;
}

interface Row {
  readonly domain: Uint8Array;
  readonly card_key: Uint8Array;
  readonly body: Uint8Array;
  readonly signature: Uint8Array;
  readonly short_forms: ShortForms;
  readonly in_doubt: string | null;
}

/**
 * What a terminal remembers of cards, so that they need not show it again (spec §5.16). It may be lost,
 * old or false: whoever reads it judges it like what a card shows.
 */
export class KnownCardStore {
  private readonly statements: Statements;

  constructor(statements: Statements) {
    this.statements = statements;
  }

  /** The card of this cardTag; null where none is known, several domains have one, or it is no card's. */
  of(cardTag: Uint8Array): KnownCard | null {
    const rows = this.statements.many<Row>("SELECT * FROM known_card WHERE card_tag = ? LIMIT 2", cardTag);
    const [row] = rows;
    return row === undefined || rows.length > 1 ? null : readRow(row);
  }

  /** Whether any card is known that has the short forms and is not in doubt. */
  anyHasShortForms(): boolean {
    const sql = "SELECT 1 AS found FROM known_card WHERE short_forms = 'has' AND in_doubt IS NULL LIMIT 1";
    return this.statements.one(sql) !== undefined;
  }

  /**
   * Keeps what a card showed and rules 1 and 2 of spec §5.4 have judged, within the caller's transaction:
   * the highest seq of one key; a second key puts the cardTag in doubt. `shortForms` null: not asked.
   * `bound`: the last uses whose cards are kept.
   */
  keep(
    domainBytes: Uint8Array,
    select: Pick<SelectAnswer, "cardTag" | "cardKey" | "allowanceBody" | "allowanceSignature">,
    { shortForms, bound }: { readonly shortForms: ShortForms | null; readonly bound: number },
  ): void {
    const { cardTag, cardKey, allowanceBody, allowanceSignature } = select;
    const known = this.kept(domainBytes, cardTag);
    if (known !== null && !equalBytes(known.cardKey, cardKey)) {
      this.doubt(domainBytes, cardTag, "second key");
      return;
    }
    const shown = [encodeAllowanceBody(allowanceBody), allowanceSignature, allowanceBody.seq];
    if (known === null) {
      this.statements.run(
        `INSERT INTO known_card (domain, card_tag, card_key, body, signature, seq, short_forms, used)
         VALUES (?, ?, ?, ?, ?, ?, ?, (SELECT coalesce(max(used), 0) + 1 FROM known_card))`,
        ...[domainBytes, cardTag, cardKey, ...shown, shortForms ?? "unknown"],
      );
      this.bound(bound);
      return;
    }
    this.statements.run(
      `UPDATE known_card SET short_forms = coalesce(?, short_forms), used = (SELECT max(used) + 1 FROM known_card)
       WHERE domain = ? AND card_tag = ?`,
      ...[shortForms, domainBytes, cardTag],
    );
    if (allowanceBody.seq > known.allowanceBody.seq)
      this.statements.run(
        "UPDATE known_card SET body = ?, signature = ?, seq = ? WHERE domain = ? AND card_tag = ?",
        ...[...shown, domainBytes, cardTag],
      );
  }

  /** What a card said of itself (DF01). */
  learn(domainBytes: Uint8Array, cardTag: Uint8Array, shortForms: ShortForms): void {
    this.statements.run(
      "UPDATE known_card SET short_forms = ? WHERE domain = ? AND card_tag = ?",
      ...[shortForms, domainBytes, cardTag],
    );
  }

  /**
   * The cardTag does not lead to one key: its cards are asked in the long form; after a wrong signature
   * until a good one, after a second key as long as it is known.
   */
  doubt(domainBytes: Uint8Array, cardTag: Uint8Array, because: "signature" | "second key"): void {
    this.statements.run(
      "UPDATE known_card SET in_doubt = ? WHERE domain = ? AND card_tag = ? AND in_doubt IS NOT 'second key'",
      ...[because, domainBytes, cardTag],
    );
  }

  /** The key to which the cardTag leads has signed: what a wrong signature put in doubt is believed again. */
  trust(domainBytes: Uint8Array, { cardTag, cardKey }: Pick<SelectAnswer, "cardTag" | "cardKey">): void {
    this.statements.run(
      `UPDATE known_card SET in_doubt = NULL
       WHERE domain = ? AND card_tag = ? AND card_key = ? AND in_doubt = 'signature'`,
      ...[domainBytes, cardTag, cardKey],
    );
  }

  /** Forgets what is not true. */
  forget(domainBytes: Uint8Array, cardTag: Uint8Array): void {
    this.statements.run("DELETE FROM known_card WHERE domain = ? AND card_tag = ?", domainBytes, cardTag);
  }

  /** The row of a cardTag in one domain; one whose bytes no terminal wrote is forgotten. */
  private kept(domainBytes: Uint8Array, cardTag: Uint8Array): KnownCard | null {
    const sql = "SELECT * FROM known_card WHERE domain = ? AND card_tag = ?";
    const row = this.statements.one<Row>(sql, domainBytes, cardTag);
    const known = row === undefined ? null : readRow(row);
    if (row !== undefined && known === null) this.forget(domainBytes, cardTag);
    return known;
  }

  /** Every use has a number of its own, so that no more cards than uses are left, without counting them. */
  private bound(uses: number): void {
    this.statements.run("DELETE FROM known_card WHERE used <= (SELECT max(used) FROM known_card) - ?", uses);
  }
}

function readRow(row: Row): KnownCard | null {
  try {
    return {
      domainBytes: plain(row.domain),
      cardKey: plain(row.card_key),
      allowanceBody: decodeAllowanceBody(plain(row.body)),
      allowanceSignature: plain(row.signature),
      shortForms: row.short_forms,
      inDoubt: row.in_doubt !== null,
    };
  } catch (error) {
    // Bytes that no terminal wrote: nothing is known of this card.
    if (isProtocolError(error)) return null;
    throw error;
  }
}
