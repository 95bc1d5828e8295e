import { toHex } from "@tallystick/protocol";
import type { EventLog } from "../events/event-log.ts";
import type { Statements } from "../events/statements.ts";
import { tapOf, type TapRecord, type TapRow } from "./tap-record.ts";
import { type UploadRecord, type UploadRow, uploadOf } from "./upload-store.ts";

/** Who would not take an upload as it was: settlement itself, or anybody on the way. */
export type RefusedBy = "settlement" | "anybody";

/** An upload whose entries are packed anew. */
export interface UploadToSplit {
  readonly seq: number;
  /** Parcels that it held when it was set aside: a voucher and its reversal are one. */
  readonly parcels: number;
}

/** What becomes of an upload that could not be taken. */
export interface SetAside {
  readonly code: string;
  readonly by: RefusedBy;
  /** Vouchers and reversals in it. */
  readonly entries: number;
  readonly parcels: number;
  /** Its body holds one entry and nothing else: there is nothing to split. */
  readonly alone: boolean;
}

/** Entries of an upload that a later one takes over. */
export interface MovedEntries {
  readonly voucherIds: readonly Uint8Array[];
  readonly tapIds: readonly string[];
}

const triedAgain = "alone = 1 AND by_whom = 'anybody' AND state = 'packed'";

/** Uploads set aside (spec §5.8). Their entries are packed, each under one number at any time. */
export class SetAsideStore {
  private readonly statements: Statements;
  private readonly events: EventLog;

  constructor(statements: Statements, events: EventLog) {
    this.statements = statements;
    this.events = events;
  }

  /** Sets an upload aside. A single entry that was tried again keeps its place and the newer code. */
  add({ domainBytes, seq, head }: UploadRecord, made: SetAside, now: number): void {
    const { code, by, entries, parcels, alone } = made;
    this.statements.run(
      `INSERT INTO upload_set_aside (domain, seq, code, by_whom, entries, parcels, alone, set_aside_at, tried_at)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (domain, seq) DO UPDATE SET code = excluded.code, by_whom = excluded.by_whom, tried_at = excluded.tried_at`,
      ...[domainBytes, seq, code, by, entries, parcels, alone ? 1 : 0, now, now],
    );
    const subject = `${toHex(domainBytes)}/${seq}`;
    const details = { head: toHex(head), code, by, entries };
    this.events.append({ at: now, kind: "upload", subject, state: "set-aside", details });
  }

  /** Uploads whose entries are still under their number and can be split, oldest first. */
  toSplit(domainBytes: Uint8Array): readonly UploadToSplit[] {
    const rows = this.statements.many<{ readonly seq: bigint; readonly parcels: bigint }>(
      `SELECT seq, parcels FROM upload_set_aside AS aside WHERE domain = ? AND alone = 0
         AND (EXISTS (SELECT 1 FROM voucher WHERE domain = aside.domain AND upload_seq = aside.seq AND delivery = 'packed')
           OR EXISTS (SELECT 1 FROM cancellation WHERE domain = aside.domain AND upload_seq = aside.seq AND delivery = 'packed'))
       ORDER BY seq`,
      domainBytes,
    );
    return rows.map(({ seq, parcels }) => ({ seq: Number(seq), parcels: Number(parcels) }));
  }

  /**
   * Single entries that somebody on the way would not take: first one that tells of others, then
   * those tried longest ago.
   */
  toTryAgain(domainBytes: Uint8Array, limit: number): readonly UploadRecord[] {
    return this.uploads(
      `SELECT upload.* FROM upload_set_aside AS aside JOIN upload USING (domain, seq)
       WHERE domain = ? AND ${triedAgain} ORDER BY entries, tried_at, seq LIMIT ?`,
      ...[domainBytes, limit],
    );
  }

  /** Whether an upload that only tells of another is tried again: nothing can follow it before. */
  isTelling(domainBytes: Uint8Array): boolean {
    const sql = `SELECT 1 FROM upload_set_aside AS aside JOIN upload USING (domain, seq)
      WHERE domain = ? AND entries = 0 AND ${triedAgain}`;
    return this.statements.one(sql, domainBytes) !== undefined;
  }

  has(domainBytes: Uint8Array, seq: number): boolean {
    const sql = "SELECT 1 FROM upload_set_aside WHERE domain = ? AND seq = ?";
    return this.statements.one(sql, domainBytes, seq) !== undefined;
  }

  /** Uploads that no answered one has told of, the newest first: it is what the next one follows. */
  untold(domainBytes: Uint8Array, limit: number): readonly UploadRecord[] {
    return this.uploads(
      `SELECT upload.* FROM upload_set_aside JOIN upload USING (domain, seq)
       WHERE domain = ? AND told = 0 ORDER BY seq DESC LIMIT ?`,
      ...[domainBytes, limit],
    );
  }

  /** Settlement knows of these from now on. */
  tell(domainBytes: Uint8Array, seqs: readonly number[]): void {
    for (const seq of seqs)
      this.statements.run("UPDATE upload_set_aside SET told = 1 WHERE domain = ? AND seq = ?", domainBytes, seq);
  }

  /** Taps whose reversal is under an upload's number, oldest first. */
  reversalsOf(domainBytes: Uint8Array, seq: number): readonly TapRecord[] {
    return this.statements
      .many<TapRow>(
        `SELECT tap.* FROM cancellation JOIN tap ON tap.id = tap_id
         WHERE cancellation.domain = ? AND upload_seq = ? AND delivery = 'packed' ORDER BY cancellation.rowid`,
        ...[domainBytes, seq],
      )
      .map(tapOf);
  }

  /** Whether a tap's reversal is tried again by itself: its voucher must not come before it. */
  reversalWaits(tapId: string): boolean {
    const sql = `SELECT 1 FROM cancellation JOIN upload_set_aside AS aside
        ON aside.domain = cancellation.domain AND aside.seq = cancellation.upload_seq
      WHERE tap_id = ? AND delivery = 'packed' AND alone = 1 AND by_whom = 'anybody'`;
    return this.statements.one(sql, tapId) !== undefined;
  }

  /** Puts entries that are packed under the number of the upload that takes them over. */
  move(domainBytes: Uint8Array, { voucherIds, tapIds }: MovedEntries, toSeq: number): void {
    for (const id of voucherIds)
      this.statements.run(
        "UPDATE voucher SET upload_seq = ? WHERE id = ? AND domain = ? AND delivery = 'packed'",
        ...[toSeq, id, domainBytes],
      );
    for (const tapId of tapIds)
      this.statements.run(
        "UPDATE cancellation SET upload_seq = ? WHERE tap_id = ? AND domain = ? AND delivery = 'packed'",
        ...[toSeq, tapId, domainBytes],
      );
  }

  /** How many uploads are set aside and neither told of nor, where they can be, arrived. */
  openCount(): number {
    const row = this.statements.one<{ readonly count: bigint }>(
      `SELECT count(*) AS count FROM upload_set_aside JOIN upload USING (domain, seq)
       WHERE told = 0 OR (${triedAgain})`,
    );
    return Number(row?.count ?? 0n);
  }

  private uploads(sql: string, ...values: readonly (Uint8Array | number)[]): readonly UploadRecord[] {
    return this.statements.many<UploadRow>(sql, ...values).map(uploadOf);
  }
}
