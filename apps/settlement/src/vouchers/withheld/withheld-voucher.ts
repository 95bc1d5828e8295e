import type { Database, DatabaseTransaction } from "../../foundation/database/database.ts";
import { Problem } from "../../foundation/http/problem.ts";
import type { VoucherRow } from "../forks/guarantee-case.ts";

/** That a voucher is not, or no longer, what a person decides about. */
export function notWithheld(detail: string): Problem {
  return new Problem("NOT_WITHHELD", detail);
}

/** What a move of a withheld voucher gave; null where somebody else has moved it. */
export function assertWithheld<T>(moved: T | null): T {
  if (moved === null) throw notWithheld("Somebody else has decided it just now.");
  return moved;
}

/** A voucher that is withheld now. Throws Problem NOT_FOUND or NOT_WITHHELD. */
export async function withheldVoucher(
  db: Database | DatabaseTransaction,
  id: Uint8Array,
  { forUpdate = false }: { readonly forUpdate?: boolean } = {},
): Promise<VoucherRow> {
  const voucher = await db
    .selectFrom("vouchers")
    .selectAll()
    .where("id", "=", id)
    .$if(forUpdate, (query) => query.forUpdate())
    .executeTakeFirst();
  if (voucher === undefined) throw new Problem("NOT_FOUND", "No upload brought a voucher with this id.");
  if (voucher.state !== "withheld") throw notWithheld(`It is ${voucher.state}; nobody has to decide about it.`);
  return voucher;
}
