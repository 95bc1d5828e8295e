import { toHex } from "@tallystick/protocol";
import { plain } from "../events/blob.ts";
import type { EventLog } from "../events/event-log.ts";
import type { SqlValue, Statements } from "../events/statements.ts";
import type { RefundKey } from "../payments/refund-store.ts";

/**
 * What a call is for: `approve` and `advance` prepare others, `release` and `refund` give value
 * back, `settle` and `withdraw` bring the merchant what it earned.
 */
export type CallPurpose = "approve" | "advance" | "release" | "refund" | "settle" | "withdraw";

/** Signed bytes; they are sent as they are, any number of times. */
export interface StoredTransaction {
  /** 0x hex. */
  readonly hash: string;
  readonly raw: Uint8Array;
  /** Seconds. */
  readonly storedAt: number;
}

/** A call of the terminal's own key whose end is not known. */
export interface ChainCallRecord {
  readonly id: string;
  readonly domainBytes: Uint8Array;
  /** Null where it belongs to a claim. */
  readonly refund: RefundKey | null;
  readonly purpose: CallPurpose;
  readonly account: Uint8Array;
  readonly nonce: number;
  /** A final block has used the nonce, and none of the transactions was seen in a block. */
  readonly nonceTaken: boolean;
  /** All with the same nonce, oldest first; at most one of them is ever mined. */
  readonly transactions: readonly [StoredTransaction, ...StoredTransaction[]];
}

/**
 * How a call ended: done, failed with its effects undone, or lost because its nonce was used by
 * another.
 */
export type CallEnd = "done" | "failed" | "lost";

interface CallRow {
  readonly id: string;
  readonly domain: Uint8Array;
  readonly tap_id: string | null;
  readonly refund_id: string | null;
  readonly purpose: CallPurpose;
  readonly account: Uint8Array;
  readonly nonce: bigint;
  readonly nonce_taken: bigint;
}

interface TransactionRow {
  readonly hash: string;
  readonly raw: Uint8Array;
  readonly stored_at: bigint;
}

/**
 * Calls of the terminal's own key and their transactions. Every change enters the event log in the
 * same transaction.
 */
export class ChainCallStore {
  private readonly statements: Statements;
  private readonly events: EventLog;

  constructor(statements: Statements, events: EventLog) {
    this.statements = statements;
    this.events = events;
  }

  /**
   * Keeps a call with its first transaction, whose hash is its id from now on; durable before that
   * is sent.
   */
  begin(
    call: Pick<ChainCallRecord, "domainBytes" | "refund" | "purpose" | "account" | "nonce">,
    signed: Omit<StoredTransaction, "storedAt">,
    now: number,
  ): void {
    const { domainBytes, refund, purpose, account, nonce } = call;
    this.statements.run(
      `INSERT INTO chain_call (id, domain, tap_id, refund_id, purpose, account, nonce, state, made_at)
       VALUES (?, ?, ?, ?, ?, ?, ?, 'signed', ?)`,
      ...[signed.hash, domainBytes, refund?.tapId ?? null, refund?.refundId ?? null, purpose, account, nonce, now],
    );
    this.keep(signed.hash, 1, signed, now);
    this.recordEvent(signed.hash, "signed", now, { purpose, ...(refund ?? {}), raw: toHex(signed.raw) });
  }

  /** Keeps one more transaction of a call, with the same nonce; durable before it is sent. */
  replace(
    call: Pick<ChainCallRecord, "id" | "transactions">,
    signed: Omit<StoredTransaction, "storedAt">,
    now: number,
  ): void {
    this.keep(call.id, call.transactions.length + 1, signed, now);
    this.recordEvent(call.id, "signed", now, { replacement: signed.hash, raw: toHex(signed.raw) });
  }

  /** The call of a refund whose end is not known. */
  ofRefund({ tapId, refundId }: RefundKey): ChainCallRecord | null {
    const [call] = this.many("tap_id = ? AND refund_id = ?", tapId, refundId);
    return call ?? null;
  }

  /** Calls of claims whose end is not known, in the order of their nonces. */
  ofClaims(domainBytes: Uint8Array, account: Uint8Array): readonly ChainCallRecord[] {
    return this.many("tap_id IS NULL AND domain = ? AND account = ?", domainBytes, account);
  }

  /** Whether a claim, by whatever account, is not at its end. */
  hasClaims(domainBytes: Uint8Array): boolean {
    return this.many("tap_id IS NULL AND domain = ?", domainBytes).length > 0;
  }

  byId(id: string): ChainCallRecord | null {
    const [call] = this.many("id = ?", id);
    return call ?? null;
  }

  /**
   * Records that another transaction seems to have used the nonce of a call, or that this was an
   * error.
   */
  suspect(call: Pick<ChainCallRecord, "id">, nonceTaken: boolean, now: number): void {
    this.statements.run("UPDATE chain_call SET nonce_taken = ? WHERE id = ?", nonceTaken ? 1 : 0, call.id);
    this.recordEvent(call.id, "signed", now, { nonceTaken });
  }

  end(call: Pick<ChainCallRecord, "id">, how: CallEnd, now: number): void {
    this.statements.run("UPDATE chain_call SET state = ? WHERE id = ?", how, call.id);
    this.recordEvent(call.id, how, now, {});
  }

  /** How many calls of a refund were mined and undone. */
  failures({ tapId, refundId }: RefundKey): number {
    const row = this.statements.one<{ readonly count: bigint }>(
      "SELECT count(*) AS count FROM chain_call WHERE tap_id = ? AND refund_id = ? AND state = 'failed'",
      ...[tapId, refundId],
    );
    return Number(row?.count ?? 0n);
  }

  /** Hashes of all transactions that were signed for a payment's refunds, at whatever end. */
  hashesOfTap(tapId: string): readonly string[] {
    return this.hashes("tap_id = ?", tapId);
  }

  /** Those of one refund. */
  hashesOfRefund({ tapId, refundId }: RefundKey): readonly string[] {
    return this.hashes("tap_id = ? AND refund_id = ?", tapId, refundId);
  }

  /**
   * The highest nonce of an account that a call of this journal may still use on the domain's
   * chain; null where there is none.
   */
  highestLiveNonce(account: Uint8Array, domainBytes: Uint8Array): number | null {
    // The first 8 bytes of a domain are its chain (spec §2.2); an account counts its nonces on each
    // chain by itself.
    const row = this.statements.one<{ readonly nonce: bigint | null }>(
      "SELECT max(nonce) AS nonce FROM chain_call WHERE account = ? AND state = 'signed' AND substr(domain, 1, 8) = ?",
      ...[account, domainBytes.slice(0, 8)],
    );
    return row?.nonce === null || row === undefined ? null : Number(row.nonce);
  }

  private hashes(condition: string, ...values: readonly SqlValue[]): readonly string[] {
    return this.statements
      .many<Pick<TransactionRow, "hash">>(
        `SELECT hash FROM chain_transaction JOIN chain_call ON chain_call.id = call_id WHERE ${condition}`,
        ...values,
      )
      .map(({ hash }) => hash);
  }

  private keep(callId: string, attempt: number, { hash, raw }: Omit<StoredTransaction, "storedAt">, now: number): void {
    this.statements.run(
      "INSERT INTO chain_transaction (hash, call_id, attempt, raw, stored_at) VALUES (?, ?, ?, ?, ?)",
      ...[hash, callId, attempt, raw, now],
    );
  }

  private many(condition: string, ...values: readonly SqlValue[]): readonly ChainCallRecord[] {
    return this.statements
      .many<CallRow>(`SELECT * FROM chain_call WHERE state = 'signed' AND ${condition} ORDER BY nonce`, ...values)
      .map((row) => this.recordOf(row));
  }

  private recordOf(row: CallRow): ChainCallRecord {
    const { id, tap_id: tapId, refund_id: refundId, purpose } = row;
    const [first, ...later] = this.statements
      .many<TransactionRow>("SELECT hash, raw, stored_at FROM chain_transaction WHERE call_id = ? ORDER BY attempt", id)
      .map(({ hash, raw, stored_at: storedAt }) => ({ hash, raw: plain(raw), storedAt: Number(storedAt) }));
    if (first === undefined) throw new Error(`call ${id} has no transaction`);
    return {
      ...{ id, purpose, domainBytes: plain(row.domain), account: plain(row.account) },
      refund: tapId === null || refundId === null ? null : { tapId, refundId },
      nonce: Number(row.nonce),
      nonceTaken: row.nonce_taken === 1n,
      transactions: [first, ...later],
    };
  }

  private recordEvent(id: string, state: string, now: number, details: Readonly<Record<string, unknown>>): void {
    this.events.append({ at: now, kind: "chain-call", subject: id, state, details });
  }
}
