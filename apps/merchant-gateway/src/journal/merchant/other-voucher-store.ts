import { fromHex, toHex } from "@tallystick/protocol";
import type { Statements } from "../events/statements.ts";

/** A payment that another terminal of the payee took, as settlement listed it. */
export interface OtherVoucher {
  readonly voucherId: Uint8Array;
  readonly domainBytes: Uint8Array;
  readonly terminalId: Uint8Array;
  /** The card's address, 0x hex. */
  readonly card: string;
  readonly counter: number;
  /** Units. */
  readonly amount: bigint;
  /** Seconds, by the other terminal's clock. */
  readonly soldAt: number;
  /** Seconds; when settlement had it. */
  readonly receivedAt: number;
  readonly state: string;
  readonly code: string | null;
  readonly tx: string | null;
}

/** What one other terminal sold in one currency, by settlement's state. */
export interface OtherTotal {
  readonly domainBytes: Uint8Array;
  readonly terminalId: Uint8Array;
  readonly state: string;
  readonly count: number;
  readonly sum: bigint;
}

interface Row {
  readonly voucher_id: Uint8Array;
  readonly domain: Uint8Array;
  readonly terminal_id: Uint8Array;
  readonly card: string;
  readonly counter: bigint;
  readonly amount: bigint;
  readonly sold_at: bigint;
  readonly received_at: bigint;
  readonly state: string;
  readonly code: string | null;
  readonly tx: string | null;
}

/** What other terminals of the payee sold; only ever shown. */
export class OtherVoucherStore {
  private readonly statements: Statements;

  constructor(statements: Statements) {
    this.statements = statements;
  }

  /** Keeps a voucher as it is listed now, within the caller's transaction. */
  keep(voucher: OtherVoucher, now: number): void {
    const { voucherId, domainBytes, terminalId, card, counter, amount, soldAt, receivedAt, state, code, tx } = voucher;
    this.statements.run(
      `INSERT OR REPLACE INTO other_voucher
       (voucher_id, domain, terminal_id, card, counter, amount, sold_at, received_at, state, code, tx, asked_at)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      ...[voucherId, domainBytes, terminalId, card, counter, amount, soldAt, receivedAt, state, code, tx, now],
    );
  }

  /** Whether one is known here by its id, 0x hex. */
  has(voucherId: string): boolean {
    const id = fromHex(voucherId, 32);
    return this.statements.one("SELECT 1 FROM other_voucher WHERE voucher_id = ?", id) !== undefined;
  }

  /** The newest first, those before one. */
  page(
    before: { readonly soldAt: number; readonly voucherId: Uint8Array } | null,
    limit: number,
  ): readonly OtherVoucher[] {
    const { soldAt, voucherId } = before ?? { soldAt: Number.MAX_SAFE_INTEGER, voucherId: new Uint8Array(32) };
    return this.statements
      .many<Row>(
        `SELECT * FROM other_voucher WHERE (sold_at, voucher_id) < (?, ?)
         ORDER BY sold_at DESC, voucher_id DESC LIMIT ?`,
        ...[soldAt, voucherId, limit],
      )
      .map((row) => ({
        ...{ voucherId: Uint8Array.from(row.voucher_id), domainBytes: Uint8Array.from(row.domain) },
        ...{ terminalId: Uint8Array.from(row.terminal_id), card: row.card, counter: Number(row.counter) },
        ...{ amount: row.amount, soldAt: Number(row.sold_at), receivedAt: Number(row.received_at) },
        ...{ state: row.state, code: row.code, tx: row.tx },
      }));
  }

  totals(): readonly OtherTotal[] {
    return this.statements
      .many<{
        readonly domain: Uint8Array;
        readonly terminal_id: Uint8Array;
        readonly state: string;
        readonly count: bigint;
        readonly sum: bigint;
      }>(
        `SELECT domain, terminal_id, state, count(*) AS count, sum(amount) AS sum FROM other_voucher
         GROUP BY domain, terminal_id, state ORDER BY domain, terminal_id, state`,
      )
      .map(({ domain, terminal_id: terminalId, state, count, sum }) => ({
        ...{ domainBytes: Uint8Array.from(domain), terminalId: Uint8Array.from(terminalId) },
        ...{ state, count: Number(count), sum },
      }));
  }
}

/** A place in the list, as text. */
export function otherPlaceOf({ soldAt, voucherId }: Pick<OtherVoucher, "soldAt" | "voucherId">): string {
  return `${soldAt}-${toHex(voucherId)}`;
}
