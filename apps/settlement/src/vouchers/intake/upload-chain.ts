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
  arrived: Arrived,
  setAside: readonly VerifiedSetAside[],
): Promise<void> {
  const told = [...setAside].sort((left, right) => left.upload.uploadSeq - right.upload.uploadSeq);
  for (const { upload, signature } of told) {
    const hash = digestOf(encodeUpload(upload));
    if (await keepSetAside(trx, { hash, upload, signature }, arrived))
      await recordBreaks(trx, { ...arrived, hash, upload }, { gap: false });
  }
  await recordBreaks(trx, arrived, { gap: true });
}

/**
 * The upload with the highest number that settlement holds of a terminal, where it is not the one
 * given: its own number or a later one, under another hash (spec §6.7).
 */
export async function latestUpload(
  trx: DatabaseTransaction,
  { hash, upload }: Pick<Arrived, "hash" | "upload">,
): Promise<SignedUpload | null> {
  const found = await trx
    .selectFrom("uploads")
    .select(["upload", "signature"])
    .where("payee", "=", upload.payee)
    .where("terminal_id", "=", upload.terminalId)
    .where("seq", ">=", BigInt(upload.uploadSeq))
    .where("hash", "!=", hash)
    .orderBy("seq", "desc")
    .limit(1)
    .executeTakeFirst();
  return found ?? null;
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
  { gap }: { readonly gap: boolean },
): Promise<void> {
  const { uploadSeq, previousJournalHead, payee, terminalId } = upload;
  const found: { kind: AnomalyKind; detail: string }[] = [];
  const [twin] = (await hashesOf(trx, upload, uploadSeq)).filter((other) => !equalBytes(other, hash));
  if (twin !== undefined)
    found.push({ kind: "UPLOAD_FORK", detail: `Sequence ${uploadSeq} was used for another upload, ${toHex(twin)}.` });
  if (uploadSeq === 1) {
    if (previousJournalHead.some((byte) => byte !== 0))
      found.push({ kind: "UPLOAD_HEAD", detail: "The first upload names a journal head before it." });
  } else {
    const before = uploadSeq - 1;
    const previous = await hashesOf(trx, upload, before);
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

/** Every upload of one number of a terminal, arrived or set aside, by its hash. */
async function hashesOf(
  trx: DatabaseTransaction,
  { payee, terminalId }: Upload,
  uploadSeq: number,
): Promise<readonly Uint8Array[]> {
  const links = (table: "uploads" | "set_aside_uploads") =>
    trx
      .selectFrom(table)
      .select("hash")
      .where("payee", "=", payee)
      .where("terminal_id", "=", terminalId)
      .where("seq", "=", BigInt(uploadSeq));
  const rows = await links("uploads").union(links("set_aside_uploads")).execute();
  return rows.map(({ hash }) => hash);
}
