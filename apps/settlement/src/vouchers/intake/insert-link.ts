import { toHex, type Upload } from "@tallystick/protocol";
import { sql } from "kysely";
import type { DatabaseTransaction } from "../../foundation/database/database.ts";
import type { UploadToStore } from "./upload-to-store.ts";
import type { SignedUpload, Neighbour } from "./upload-chain.ts";

/** An upload on its way into the table, and what stands around it in its terminal's chain. */
export interface InsertedLink {
  /** It was not stored before. */
  readonly isNew: boolean;
  /** Other uploads with its number or the one before, arrived or set aside. */
  readonly neighbours: readonly Neighbour[];
  /**
   * The upload with the highest number that settlement holds of the terminal, where it is not this
   * one: its own number or a later one, under another hash (spec §6.7).
   */
  readonly latest: SignedUpload | null;
}

interface LinkRow {
  readonly what: "new" | "neighbour" | "latest";
  readonly hash: Uint8Array;
  readonly seq: string;
  readonly upload: Uint8Array;
  readonly signature: Uint8Array;
}

/** Stores an upload's bytes and reads its neighbours, by one statement. */
export async function insertLink(
  trx: DatabaseTransaction,
  { hash, bytes, upload, receivedAt }: Pick<UploadToStore, "hash" | "bytes" | "upload" | "receivedAt">,
): Promise<InsertedLink> {
  const { payee, terminalId, uploadSeq, previousJournalHead } = upload satisfies Upload;
  const ofTerminal = sql`payee = ${payee}::bytea and terminal_id = ${terminalId}::bytea`;
  const near = sql`${ofTerminal} and seq between ${String(uploadSeq - 1)}::bigint and ${String(uploadSeq)}::bigint
    and hash <> ${hash}::bytea`;
  const { rows } = await sql<LinkRow>`
    with added as (
      insert into uploads (hash, payee, terminal_id, seq, previous_head, upload, signature, certificate,
        certificate_signature, body, received_at)
      values (${hash}::bytea, ${payee}::bytea, ${terminalId}::bytea, ${String(uploadSeq)}::bigint,
        ${previousJournalHead}::bytea, ${bytes.upload}::bytea, ${bytes.signature}::bytea, ${bytes.certificate}::bytea,
        ${bytes.certificateSignature}::bytea, ${bytes.body}::bytea, ${receivedAt}::timestamptz)
      on conflict (hash) do nothing returning hash, seq, upload, signature)
    select 'new' as what, hash, seq::text, upload, signature from added
    union all select 'neighbour', hash, seq::text, upload, signature from uploads where ${near}
    union all select 'neighbour', hash, seq::text, upload, signature from set_aside_uploads where ${near}
    union all (
      select 'latest', hash, seq::text, upload, signature from uploads
      where ${ofTerminal} and seq >= ${String(uploadSeq)}::bigint and hash <> ${hash}::bytea
      order by uploads.seq desc limit 1)`.execute(trx);
  const latest = rows.find(({ what }) => what === "latest");
  return {
    isNew: rows.some(({ what }) => what === "new"),
    neighbours: rows
      .filter(({ what }) => what === "neighbour")
      .map((row) => ({ hash: row.hash, uploadSeq: Number(row.seq) }))
      .sort((left, right) => (toHex(left.hash) < toHex(right.hash) ? -1 : 1)),
    latest: latest === undefined ? null : { upload: latest.upload, signature: latest.signature },
  };
}
