import { type UploadEntry, uploadBodyLength, uploadEntryKinds } from "@tallystick/protocol";
import type { Journal } from "../journal/journal.ts";
import type { MovedEntries, UploadToSplit } from "../journal/payments/set-aside-store.ts";
import type { TapRecord } from "../journal/payments/tap-record.ts";
import type { VoucherRecord } from "../journal/payments/voucher-record.ts";
import { MAX_PACKED_PARCELS } from "../limits.ts";

/**
 * What travels in one upload or not at all: a voucher, a reversal, or a voucher with its reversal
 * (spec §5.4).
 */
export interface Parcel {
  readonly voucher: VoucherRecord | null;
  readonly reversal: TapRecord | null;
}

/** Entries that the next upload takes. */
export interface Load {
  readonly parcels: readonly Parcel[];
  /** The upload set aside that they come from; null where they are new. */
  readonly from: number | null;
  /** One entry of an upload that was split: it travels alone. */
  readonly alone: boolean;
}

type ParcelJournal = Pick<Journal, "vouchers" | "reversals" | "setAside">;

/**
 * What is to be packed next: halves of what was set aside first, then what is in no upload yet.
 * Null where there is nothing.
 */
export function nextLoad(journal: ParcelJournal, domainBytes: Uint8Array): Load | null {
  for (const split of journal.setAside.toSplit(domainBytes)) {
    const half = halfOf(parcelsOf(journal, domainBytes, split.seq), split);
    const [first] = half;
    const waits = first?.voucher?.reversed === true && journal.setAside.reversalWaits(first.voucher.tapId);
    if (first === undefined || (waits && half.length === 1)) continue;
    return { parcels: half, from: split.seq, alone: half.length === 1 && entriesIn(half) === 1 };
  }
  const fresh = freshParcels(journal, domainBytes);
  return fresh.length === 0 ? null : { parcels: fresh, from: null, alone: false };
}

/** The parcels that are under an upload's number. */
export function parcelsOf(journal: ParcelJournal, domainBytes: Uint8Array, seq: number): readonly Parcel[] {
  const reversals = new Map(journal.setAside.reversalsOf(domainBytes, seq).map((tap) => [tap.id, tap]));
  const vouchers = journal.vouchers.ofUpload(domainBytes, seq).filter(({ delivery }) => delivery === "packed");
  const parcels: Parcel[] = vouchers.map((voucher) => {
    const reversal = reversals.get(voucher.tapId) ?? null;
    reversals.delete(voucher.tapId);
    return { voucher, reversal };
  });
  for (const reversal of reversals.values()) parcels.push({ voucher: null, reversal });
  return parcels;
}

/** The first parcels that fit into a body beside others of this length; at least one. */
export function fitting(parcels: readonly Parcel[], bytes: number): readonly Parcel[] {
  let left = bytes;
  const fits: Parcel[] = [];
  for (const parcel of parcels) {
    left -= lengthOf(parcel);
    if (left < 0 && fits.length > 0) break;
    fits.push(parcel);
  }
  return fits;
}

/** Vouchers and reversals in parcels. */
export function entriesIn(parcels: readonly Parcel[]): number {
  return parcels.reduce((sum, { voucher, reversal }) => sum + Number(voucher !== null) + Number(reversal !== null), 0);
}

/** The rows that parcels are made of. */
export function rowsOf(parcels: readonly Parcel[]): MovedEntries {
  return {
    voucherIds: parcels.flatMap(({ voucher }) => (voucher === null ? [] : [voucher.id])),
    tapIds: parcels.flatMap(({ reversal }) => (reversal === null ? [] : [reversal.id])),
  };
}

/** A voucher and its reversal part last, and the reversal goes first. */
function halfOf(left: readonly Parcel[], { parcels }: UploadToSplit): readonly Parcel[] {
  const half = left.slice(0, Math.ceil(parcels / 2));
  const [only] = half;
  if (parcels > 1 || only?.voucher == null || only.reversal === null) return half;
  return [{ voucher: null, reversal: only.reversal }];
}

function freshParcels({ vouchers, reversals }: ParcelJournal, domainBytes: Uint8Array): readonly Parcel[] {
  const parcels: Parcel[] = vouchers.toPack(domainBytes, MAX_PACKED_PARCELS).map((voucher) => ({
    voucher,
    reversal: voucher.reversed ? reversals.unsentOf(voucher.tapId) : null,
  }));
  for (const reversal of reversals.toPack(domainBytes, MAX_PACKED_PARCELS - parcels.length))
    parcels.push({ voucher: null, reversal });
  return parcels;
}

/** What the reversal of a tap takes: `TLYX` with the terminal's signature. */
const reversalEntryLike: Pick<UploadEntry, "data"> = { data: new Uint8Array(196) };

function lengthOf({ voucher, reversal }: Parcel): number {
  const entries: Pick<UploadEntry, "data">[] = [];
  if (voucher !== null) entries.push({ data: voucher.entry });
  if (reversal !== null) entries.push(reversalEntryLike);
  return uploadBodyLength(entries) - uploadBodyLength([]);
}

/** The entry of a voucher as its card signed it. */
export function voucherEntryOf({ entry }: VoucherRecord): UploadEntry {
  return { kind: uploadEntryKinds.voucher, data: entry };
}
