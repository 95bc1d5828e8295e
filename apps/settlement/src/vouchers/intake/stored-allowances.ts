import { decodeAllowanceBody } from "@tallystick/protocol";
import { sql } from "kysely";
import type { Database } from "../../foundation/database/database.ts";
import type { EntryVerdict, VerifiedVoucher } from "../verification/upload-verdict.ts";
import { paidUnderName, type PaidUnder } from "../verification/verify-entry.ts";

/**
 * The stored allowances under which the vouchers of an upload were paid, where a newer one came with
 * them: a ring that was read after an update, or a journal that was put back (spec §6.8). Empty
 * where none is needed, or none is stored.
 */
export async function storedAllowances(
  db: Database,
  entries: readonly EntryVerdict[],
): Promise<ReadonlyMap<string, PaidUnder>> {
  const older = entries.filter((entry): entry is VerifiedVoucher => entry.kind === "voucher" && isOlder(entry));
  if (older.length === 0) return new Map();
  const { rows } = await sql<{ card_key: Uint8Array; seq: bigint; body: Uint8Array; signature: Uint8Array }>`
    select c.card_key, a.seq, a.body, a.signature from unnest(${older.map(({ card }) => card)}::bytea[],
      ${older.map(({ allowanceSeq }) => String(allowanceSeq))}::bigint[]) as o (card, seq)
    join allowances a on a.card = o.card and a.seq = o.seq and a.signature is not null
    join cards c on c.card = a.card`.execute(db);
  return new Map(
    rows.map((row) => [
      paidUnderName(row.card_key, Number(row.seq)),
      { body: decodeAllowanceBody(new Uint8Array(row.body)), signature: new Uint8Array(row.signature) },
    ]),
  );
}

function isOlder({ allowanceSeq, allowanceBody }: VerifiedVoucher): boolean {
  return allowanceSeq < decodeAllowanceBody(allowanceBody).seq;
}
