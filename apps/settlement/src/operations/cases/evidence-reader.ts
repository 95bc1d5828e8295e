import { Inject, Injectable } from "@nestjs/common";
import { concatBytes, toHex } from "@tallystick/protocol";
import { sql } from "kysely";
import { LedgerProofs } from "../../books/ledger-log/ledger-proofs.ts";
import { CONFIG, type Config } from "../../foundation/config/config.ts";
import { DATABASE, type Database } from "../../foundation/database/database.ts";
import { Problem } from "../../foundation/http/problem.ts";
import { ISSUER, type Issuer } from "../../foundation/keys/issuer.ts";
import type { CaseDetail } from "./case-answers.ts";
import { CaseViews } from "./case-views.ts";
import { EVIDENCE_SCHEMA, type Evidence } from "./evidence-file.ts";
import { EVIDENCE_UPLOADS } from "./limits.ts";

type Upload = Evidence["uploads"][number];
type Proof = Evidence["proofs"][number];

/** Gathers what proves a case to somebody who has the issuer's public key and nothing else. */
@Injectable()
export class EvidenceReader {
  constructor(
    @Inject(DATABASE) private readonly db: Database,
    @Inject(CaseViews) private readonly views: CaseViews,
    @Inject(LedgerProofs) private readonly proofs: LedgerProofs,
    @Inject(ISSUER) private readonly issuer: Issuer,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /** Throws Problem NOT_FOUND. */
  async read(id: bigint): Promise<Evidence> {
    const found = await this.views.find(id);
    const ids = found.messages.map(({ voucherId }) => bytesOf(voucherId));
    const [bundles, uploads] = await Promise.all([this.bundles(ids), this.uploads(id)]);
    const messages = found.messages.map(({ voucherId, message, signature, tx }) => ({
      ...{ voucherId, message, signature, tx, bundle: bundles.get(voucherId)?.bundle ?? null },
    }));
    const proofs: Proof[] = [];
    for (const { voucherId } of messages) proofs.push(...(await this.proofOf(voucherId)));
    return {
      schema: EVIDENCE_SCHEMA,
      domain: { chainId: this.config.chainId.toString(), vault: toHex(this.config.vault) },
      asset: { code: this.config.asset.code, decimals: this.config.asset.decimals },
      issuerKeys: this.issuer.knownKeys.map((key) => ({ id: key.id, publicKey: toHex(key.publicKey) })),
      case: { id: found.id, kind: found.kind, detail: found.detail, causedAt: found.causedAt },
      cardKey: await this.cardKey(found, bundles),
      allowance: found.kind === "EXCESS" ? await this.largestAllowance(found) : null,
      ...{ messages, uploads, proofs },
    };
  }

  private async bundles(
    ids: readonly Uint8Array[],
  ): Promise<ReadonlyMap<string, { readonly bundle: string; readonly cardKey: string }>> {
    if (ids.length === 0) return new Map();
    const rows = await this.db
      .selectFrom("vouchers")
      .select(["id", "card_key", "message", "context", "signature", "allowance_body", "allowance_signature"])
      .where("id", "in", ids)
      .execute();
    return new Map(
      rows.map((row) => {
        const parts = [row.card_key, row.message, row.context, row.signature, row.allowance_body];
        const bundle = toHex(concatBytes(...parts, row.allowance_signature));
        return [toHex(row.id), { bundle, cardKey: toHex(row.card_key) }];
      }),
    );
  }

  private async cardKey(
    { card }: CaseDetail,
    bundles: ReadonlyMap<string, { readonly cardKey: string }>,
  ): Promise<string | null> {
    const [first] = bundles.values();
    if (first !== undefined) return first.cardKey;
    if (card === null) return null;
    const row = await this.db
      .selectFrom("cards")
      .select("card_key")
      .where("card", "=", bytesOf(card))
      .executeTakeFirst();
    return row === undefined ? null : toHex(row.card_key);
  }

  private async largestAllowance({ card }: CaseDetail): Promise<Evidence["allowance"]> {
    if (card === null) return null;
    const row = await this.db
      .selectFrom("allowances")
      .select(["body", "signature"])
      .where("card", "=", bytesOf(card))
      .orderBy("max_spent_units", "desc")
      .orderBy("seq")
      .limit(1)
      .executeTakeFirst();
    return row?.signature === undefined || row.signature === null
      ? null
      : { body: toHex(row.body), signature: toHex(row.signature) };
  }

  /** The upload that showed it, its neighbours, and what was set aside. */
  private async uploads(id: bigint): Promise<Upload[]> {
    const about = await this.db
      .selectFrom("cases")
      .select(["payee", "terminal_id", "upload"])
      .where("id", "=", id)
      .executeTakeFirst();
    if (about === undefined) throw new Problem("NOT_FOUND", "There is no case with this number.");
    if (about.upload === null) return [];
    const { rows } = await sql<UploadRow>`
      with named as (
        select payee, terminal_id, seq, hash as shown_by from uploads where hash = ${about.upload}
        union select payee, terminal_id, seq, told_by from set_aside_uploads where hash = ${about.upload})
      (select u.upload, u.signature, u.certificate, u.certificate_signature, u.seq from uploads u, named n
        where u.payee = n.payee and u.terminal_id = n.terminal_id
          and (u.seq between n.seq - 1 and n.seq + 1 or u.hash = n.shown_by)
        order by u.seq limit ${EVIDENCE_UPLOADS})
      union all
      (select s.upload, s.signature, null, null, s.seq from set_aside_uploads s where s.hash = ${about.upload})`.execute(
      this.db,
    );
    return rows.map(({ upload, signature, certificate, certificate_signature: signed }) => ({
      ...{ upload: toHex(upload), signature: toHex(signature) },
      certificate: certificate === null ? null : toHex(certificate),
      certificateSignature: signed === null ? null : toHex(signed),
    }));
  }

  /** That the books took the voucher, under the root of a final batch; nothing before there is one. */
  private async proofOf(voucherId: string): Promise<Proof[]> {
    const { rows } = await sql<{ id: string; size: string; tx: Uint8Array; block: string }>`
      select id, ledger_size::text as size, transaction_hash as tx, block_number::text as block from batches
      where state = 'final' and ledger_size is not null and transaction_hash is not null
      order by created_at desc limit 1`.execute(this.db);
    const [batch] = rows;
    if (batch === undefined) return [];
    try {
      const { entry, index, size, root, path } = await this.proofs.inclusion(`hold:${voucherId}`, Number(batch.size));
      const anchor = { batch: batch.id, tx: toHex(batch.tx), block: batch.block };
      return [{ entry, index, size, root, path: [...path], anchor }];
    } catch (error) {
      // Not in the books, or not under an anchored root yet.
      if (error instanceof Problem && ["NOT_FOUND", "LOG_RANGE"].includes(error.code)) return [];
      throw error;
    }
  }
}

interface UploadRow {
  readonly upload: Uint8Array;
  readonly signature: Uint8Array;
  readonly certificate: Uint8Array | null;
  readonly certificate_signature: Uint8Array | null;
}

function bytesOf(hex: string): Uint8Array {
  return Buffer.from(hex.slice(2), "hex");
}
