import { LedgerError } from "../model/errors.ts";
import type { TransferRecord } from "../model/record.ts";

/** Of records that wait to be sealed, those up to one. Throws LedgerError BAD_LOG_RANGE where it is not among them. */
export function upTo(last: string, waiting: readonly TransferRecord[]): readonly TransferRecord[] {
  const place = waiting.findIndex(({ id }) => id === last);
  if (place < 0) throw new LedgerError("BAD_LOG_RANGE", `No operation ${last} waits to be sealed.`);
  return waiting.slice(0, place + 1);
}
