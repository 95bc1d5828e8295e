import { toHex } from "@tallystick/protocol";
import type { EventChain } from "./event-chain.ts";
import type { Statements } from "./statements.ts";
import { plain } from "./tap-record.ts";

/** Where a refund is; the journal's table `refund_state` says what each means. */
export type RefundState = "cancelled" | "releasing" | "refunding" | "refunded" | "refused";

/** Money that goes back to a card. */
export interface RefundRecord {
  readonly tapId: string;
  /** Chosen by whoever asked; the same one is the same refund. */
  readonly refundId: string;
  /** Units. */
  readonly amount: bigint;
  readonly state: RefundState;
  /** What keeps it from its end, or why it was refused; null where nothing does. */
  readonly code: string | null;
  /** The vault's own word for it, for people. */
  readonly detail: string | null;
  /** The transaction that gives the value back, once it is signed. */
  readonly tx: string | null;
  /** The block in which it stands; may change until it is final. */
  readonly block: number | null;
  readonly madeAt: number;
}

/** What a transaction of a refund is for: the first two make way for the last two, which give the value back. */
export type ActionPurpose = "approve" | "advance" | "release" | "refund";

/** A signed transaction. It is sent byte for byte the same until its end is known. */
export interface ActionRecord {
  /** 0x hex. */
  readonly hash: string;
  readonly purpose: ActionPurpose;
  readonly account: Uint8Array;
  readonly nonce: number;
  readonly raw: Uint8Array;
}

interface RefundRow {
  readonly tap_id: string;
  readonly refund_id: string;
  readonly amount: bigint;
  readonly state: RefundState;
  readonly code: string | null;
  readonly detail: string | null;
  readonly tx: string | null;
  readonly block: bigint | null;
  readonly made_at: bigint;
}

interface ActionRow {
  readonly hash: string;
  readonly purpose: ActionPurpose;
  readonly account: Uint8Array;
  readonly nonce: bigint;
  readonly raw: Uint8Array;
}

type RefundKey = Pick<RefundRecord, "tapId" | "refundId">;

function refundOf(row: RefundRow): RefundRecord {
  return {
    tapId: row.tap_id,
    refundId: row.refund_id,
    amount: row.amount,
    state: row.state,
    code: row.code,
    detail: row.detail,
    tx: row.tx,
    block: row.block === null ? null : Number(row.block),
    madeAt: Number(row.made_at),
  };
}

/** Refunds and the transactions that carry them. Every change enters the chain in the same transaction. */
export class RefundStore {
  private readonly statements: Statements;
  private readonly chain: EventChain;

  constructor(statements: Statements, chain: EventChain) {
    this.statements = statements;
    this.chain = chain;
  }

  /** Keeps a new refund; SQLite refuses one that would give back more than was paid. */
  begin(refund: RefundKey & Pick<RefundRecord, "amount" | "state">, now: number): void {
    this.statements
      .prepare("INSERT INTO refund (tap_id, refund_id, amount, state, made_at, changed_at) VALUES (?, ?, ?, ?, ?, ?)")
      .run(refund.tapId, refund.refundId, refund.amount, refund.state, now, now);
    this.note(refund, refund.state, now, { amount: String(refund.amount) });
  }

  byId(tapId: string, refundId: string): RefundRecord | null {
    const [found] = this.many("SELECT * FROM refund WHERE tap_id = ? AND refund_id = ?", tapId, refundId);
    return found ?? null;
  }

  /** Refunds of one tap, oldest first. */
  ofTap(tapId: string): readonly RefundRecord[] {
    return this.many("SELECT * FROM refund WHERE tap_id = ? ORDER BY rowid", tapId);
  }

  /** Refunds that are not at their end, oldest first. */
  open(): readonly RefundRecord[] {
    return this.many(
      "SELECT * FROM refund WHERE state IN ('cancelled', 'releasing', 'refunding') ORDER BY made_at, rowid",
    );
  }

  /** Units of a tap that are given back, or on their way. */
  sum(tapId: string): bigint {
    const row = this.statements
      .prepare<[string], { readonly sum: bigint }>(
        "SELECT coalesce(sum(amount), 0) AS sum FROM refund WHERE tap_id = ? AND state <> 'refused'",
      )
      .get(tapId);
    return row?.sum ?? 0n;
  }

  /** Records where a refund is; what is not named stays. The same again changes nothing. */
  move(
    refund: RefundRecord,
    to: Partial<Pick<RefundRecord, "state" | "code" | "detail" | "tx" | "block">>,
    now: number,
  ): void {
    const next = { ...refund, code: null, detail: null, ...to };
    const same = (["state", "code", "detail", "tx", "block"] as const).every((key) => next[key] === refund[key]);
    if (same) return;
    this.statements
      .prepare(
        "UPDATE refund SET state = ?, code = ?, detail = ?, tx = ?, block = ?, changed_at = ? WHERE tap_id = ? AND refund_id = ?",
      )
      .run(next.state, next.code, next.detail, next.tx, next.block, now, refund.tapId, refund.refundId);
    const { code, detail, tx, block } = next;
    this.note(refund, next.state, now, { code, detail, tx, block });
  }

  /** Keeps a signed transaction; durable before it is sent for the first time. */
  sign(refund: RefundRecord, action: ActionRecord, now: number): void {
    this.statements
      .prepare(
        `INSERT INTO chain_action (hash, tap_id, refund_id, purpose, account, nonce, raw, state, made_at)
         VALUES (?, ?, ?, ?, ?, ?, ?, 'signed', ?)`,
      )
      .run(action.hash, refund.tapId, refund.refundId, action.purpose, action.account, action.nonce, action.raw, now);
    this.note(refund, refund.state, now, { purpose: action.purpose, raw: toHex(action.raw) });
  }

  /** The transaction of a refund whose end is not known. */
  live(refund: RefundKey): ActionRecord | null {
    const row = this.statements
      .prepare<[string, string], ActionRow>(
        "SELECT * FROM chain_action WHERE tap_id = ? AND refund_id = ? AND state = 'signed'",
      )
      .get(refund.tapId, refund.refundId);
    if (row === undefined) return null;
    const { hash, purpose } = row;
    return { hash, purpose, account: plain(row.account), nonce: Number(row.nonce), raw: plain(row.raw) };
  }

  /** How a transaction ended: done, failed with its effects undone, or lost because its nonce was used by another. */
  end(refund: RefundRecord, action: ActionRecord, how: "done" | "failed" | "lost", now: number): void {
    this.statements.prepare("UPDATE chain_action SET state = ? WHERE hash = ?").run(how, action.hash);
    this.note(refund, refund.state, now, { hash: action.hash, ended: how });
  }

  /** How many transactions of a refund were mined in vain. */
  failures(refund: RefundKey): number {
    const row = this.statements
      .prepare<[string, string], { readonly count: bigint }>(
        "SELECT count(*) AS count FROM chain_action WHERE tap_id = ? AND refund_id = ? AND state = 'failed'",
      )
      .get(refund.tapId, refund.refundId);
    return Number(row?.count ?? 0n);
  }

  /** The highest nonce of an account that a transaction of this journal may still use on the domain's chain; null where there is none. */
  highestLiveNonce(account: Uint8Array, domainBytes: Uint8Array): number | null {
    // The first 8 bytes of a domain are its chain (spec §2.2); an account counts its nonces on each chain by itself.
    const row = this.statements
      .prepare<[Uint8Array, Uint8Array], { readonly nonce: bigint | null }>(
        `SELECT max(nonce) AS nonce FROM chain_action JOIN tap ON tap.id = tap_id
         WHERE account = ? AND chain_action.state = 'signed' AND substr(tap.domain, 1, 8) = ?`,
      )
      .get(account, domainBytes.slice(0, 8));
    return row?.nonce === null || row === undefined ? null : Number(row.nonce);
  }

  private many(sql: string, ...values: readonly unknown[]): readonly RefundRecord[] {
    return this.statements
      .prepare<unknown[], RefundRow>(sql)
      .all(...values)
      .map(refundOf);
  }

  private note(refund: RefundKey, state: string, now: number, details: Readonly<Record<string, unknown>>): void {
    const subject = `${refund.tapId}/${refund.refundId}`;
    this.chain.append({ at: now, kind: "refund", subject, state, body: JSON.stringify(details) });
  }
}
