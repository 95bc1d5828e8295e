import { digestOf, encodeUpload, equalBytes, journalHead, toHex, type Upload } from "@tallystick/protocol";
import type { DatabaseTransaction } from "../../foundation/database/database.ts";
import { recordAnomaly, type AnomalyKind } from "../states/anomalies.ts";
import type { VerifiedSetAside } from "../verification/upload-verdict.ts";

/** `TLYU` with the terminal's signature, as it came. */
export interface SignedUpload {
  /** 128 bytes. */
  readonly upload: Uint8Array;
  readonly signature: Uint8Array;
}

/** Another upload of the same terminal. */
export interface Neighbour {
  readonly hash: Uint8Array;
  readonly uploadSeq: number;
}

/** An upload that has just been stored. */
interface Arrived {
  /** SHA-256 of `TLYU`. */
  readonly hash: Uint8Array;
  readonly upload: Upload;
  readonly receivedAt: Date;
}

/**
 * Compares a new upload with the terminal's chain of uploads, which shows a journal that was
 * restored from an old copy. What was set aside is a link of the chain as well, and is kept (spec
 * §6.8). What is found is recorded for the operators; the vouchers are taken all the same, because
 * each stands on its card's signature alone.
 */
export async function extendChain(
  trx: DatabaseTransaction,
  arrived: Arrived & { readonly neighbours: readonly Neighbour[] },
  setAside: readonly VerifiedSetAside[],
): Promise<void> {
  const neighbours = [...arrived.neighbours];
  const told = [...setAside].sort((left, right) => left.upload.uploadSeq - right.upload.uploadSeq);
  for (const { upload, signature } of told) {
    const hash = digestOf(encodeUpload(upload));
    neighbours.push({ hash, uploadSeq: upload.uploadSeq });
    if (await keepSetAside(trx, { hash, upload, signature }, arrived)) {
      const link = { ...arrived, hash, upload };
      await recordBreaks(trx, link, { gap: false, neighbours: await neighboursOf(trx, upload) });
    }
  }
  await recordBreaks(trx, arrived, { gap: true, neighbours });
}

/** Keeps an upload that was set aside; answers whether it was told of for the first time. */
async function keepSetAside(
  trx: DatabaseTransaction,
  { hash, upload, signature }: { hash: Uint8Array; upload: Upload; signature: Uint8Array },
  { hash: toldBy, receivedAt }: Arrived,
): Promise<boolean> {
  const inserted = await trx
    .insertInto("set_aside_uploads")
    .values({
      ...{ hash, payee: upload.payee, terminal_id: upload.terminalId, seq: BigInt(upload.uploadSeq) },
      ...{ upload: encodeUpload(upload), signature, told_by: toldBy, told_at: receivedAt },
    })
    .onConflict((conflict) => conflict.column("hash").doNothing())
    .returning("hash")
    .executeTakeFirst();
  return inserted !== undefined;
}

/**
 * Records how one link breaks the chain: a twin, a gap before it, another head before it. Before an
 * upload that was set aside a gap is none: later uploads may tell of earlier ones.
 */
async function recordBreaks(
  trx: DatabaseTransaction,
  { hash, upload, receivedAt }: Arrived,
  { gap, neighbours }: { readonly gap: boolean; readonly neighbours: readonly Neighbour[] },
): Promise<void> {
  const { uploadSeq, previousJournalHead, payee, terminalId } = upload;
  const found: { kind: AnomalyKind; detail: string }[] = [];
  const hashesOf = (seq: number) =>
    neighbours.filter((each) => each.uploadSeq === seq && !equalBytes(each.hash, hash)).map((each) => each.hash);
  const [twin] = hashesOf(uploadSeq);
  if (twin !== undefined)
    found.push({ kind: "UPLOAD_FORK", detail: `Sequence ${uploadSeq} was used for another upload, ${toHex(twin)}.` });
  if (uploadSeq === 1) {
    if (previousJournalHead.some((byte) => byte !== 0))
      found.push({ kind: "UPLOAD_HEAD", detail: "The first upload names a journal head before it." });
  } else {
    const before = uploadSeq - 1;
    const previous = hashesOf(before);
    if (previous.length === 0) {
      if (gap)
        found.push({ kind: "UPLOAD_GAP", detail: `Upload ${uploadSeq} arrived and upload ${before} is missing.` });
    } else if (!previous.some((each) => equalBytes(each, previousJournalHead)))
      found.push({
        kind: "UPLOAD_HEAD",
        detail: `Upload ${uploadSeq} does not follow upload ${before} as it arrived.`,
      });
  }
  for (const { kind, detail } of found)
    await recordAnomaly(trx, { kind, detail, payee, terminalId, upload: journalHead(upload), foundAt: receivedAt });
}

/** Uploads of a terminal with one's number or the number before, arrived or set aside. */
async function neighboursOf(
  trx: DatabaseTransaction,
  { payee, terminalId, uploadSeq }: Upload,
): Promise<readonly Neighbour[]> {
  const links = (table: "uploads" | "set_aside_uploads") =>
    trx
      .selectFrom(table)
      .select(["hash", "seq"])
      .where("payee", "=", payee)
      .where("terminal_id", "=", terminalId)
      .where("seq", ">=", BigInt(uploadSeq - 1))
      .where("seq", "<=", BigInt(uploadSeq));
  const rows = await links("uploads").union(links("set_aside_uploads")).execute();
  return rows.map(({ hash, seq }) => ({ hash, uploadSeq: Number(seq) }));
}
