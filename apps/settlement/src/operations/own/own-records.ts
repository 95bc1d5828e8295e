import { Inject, Injectable } from "@nestjs/common";
import { formatAmount, formatTotal, type Asset } from "@tallystick/money";
import { decodeMerchantCertificate, fromHex, toHex } from "@tallystick/protocol";
import { sql } from "kysely";
import { LedgerProofs } from "../../books/ledger-log/ledger-proofs.ts";
import { publicActionState } from "../../chain/action-views.ts";
import { actionState } from "../../chain/chain-actions.ts";
import { DATABASE, type Database } from "../../foundation/database/database.ts";
import { ASSET } from "../../foundation/http/amounts.ts";
import { Problem } from "../../foundation/http/problem.ts";
import { LIMITS } from "../../foundation/limits/limits.ts";
import { payeeBalances } from "../../books/postings/payee-balances.ts";
import { assertKnownTerminal } from "../../issuing/merchants/known-merchants.ts";
import { payoutsOf } from "../../issuing/payouts/payouts-of.ts";
import { finalShares } from "../../vouchers/states/voucher-facts.ts";
import { VoucherViews, type VoucherView } from "../../vouchers/states/voucher-views.ts";
import { moneyReached } from "../statements/money-reached.ts";
import { OWN_BATCH_VOUCHERS } from "./limits.ts";
import type { OwnAnswer, OwnBatchesAnswer, OwnPayoutsAnswer, OwnVouchersAnswer } from "./own-answers.ts";
import type { OwnProofAnswer, OwnReceiptsAnswer } from "./own-files.ts";

/** The earliest time from which a terminal's certificates are withdrawn; null where they are not. */
const WITHDRAWN_FROM = sql<bigint | null>`(select min(w.withdrawn_from) from certificate_withdrawals w
  where w.payee = terminals.payee and w.terminal_id = terminals.terminal_id)`.as("withdrawn_from");

/** What one merchant sees: every query names its payee, and what is another's is as if it were not there. */
@Injectable()
export class OwnRecords {
  constructor(
    @Inject(DATABASE) private readonly db: Database,
    @Inject(ASSET) private readonly asset: Asset,
    @Inject(VoucherViews) private readonly views: VoucherViews,
    @Inject(LedgerProofs) private readonly proofs: LedgerProofs,
  ) {}

  /** The payee, where it stands, and its terminals, each by its newest certificate. */
  async overview(payee: Uint8Array): Promise<OwnAnswer> {
    const [named, balances, terminals] = await Promise.all([
      this.db.selectFrom("merchant_names").select("name").where("payee", "=", payee).executeTakeFirst(),
      this.balances(payee),
      this.terminals(payee),
    ]);
    return { payee: toHex(payee), name: named?.name ?? null, asset: this.asset.code, balances, terminals };
  }

  private async terminals(payee: Uint8Array): Promise<OwnAnswer["terminals"]> {
    const rows = await this.db
      .selectFrom("terminals")
      .leftJoin("terminal_names", (join) =>
        join
          .onRef("terminal_names.payee", "=", "terminals.payee")
          .onRef("terminal_names.terminal_id", "=", "terminals.terminal_id"),
      )
      .distinctOn("terminals.terminal_id")
      .select(["terminals.terminal_id", "certificate", "terminal_names.name"])
      .select(WITHDRAWN_FROM)
      .where("terminals.payee", "=", payee)
      .orderBy("terminals.terminal_id")
      .orderBy("issued_at", "desc")
      .limit(LIMITS.listRows)
      .execute();
    return rows.map(({ terminal_id, certificate, name, withdrawn_from }) => {
      const { notBefore, notAfter } = decodeMerchantCertificate(certificate);
      const withdrawnFrom = withdrawn_from === null ? null : Number(withdrawn_from);
      return { terminalId: toHex(terminal_id), name, notBefore, notAfter, withdrawnFrom };
    });
  }

  /** Vouchers before one of them, the newest first. Throws Problem NOT_FOUND for another's. */
  async vouchers(payee: Uint8Array, before: Uint8Array | null): Promise<OwnVouchersAnswer> {
    const place = before === null ? null : await this.place(payee, before);
    const rows = await this.db
      .selectFrom("vouchers")
      .select(["id", "terminal_id", "card", "counter", "amount_units", "paid_at", "received_at", "state", "batch_id"])
      .where("payee", "=", payee)
      .$if(place !== null, (query) =>
        query.where(sql<boolean>`(received_at, id) < (${place?.received_at}, ${place?.id})`),
      )
      .orderBy("received_at", "desc")
      .orderBy("id", "desc")
      .limit(LIMITS.listRows + 1)
      .execute();
    const shown = rows.slice(0, LIMITS.listRows);
    const last = shown.at(-1);
    const next = rows.length > LIMITS.listRows && last !== undefined ? toHex(last.id) : null;
    const shares = await finalShares(
      this.db,
      shown.map(({ id }) => id),
    );
    const vouchers = shown.map((row) => ({
      refunds: (shares.get(toHex(row.id)) ?? []).map(({ units, hash }) => ({
        ...{ amount: formatAmount(units, this.asset), tx: toHex(hash) },
      })),
      ...{ id: toHex(row.id), terminalId: toHex(row.terminal_id), card: toHex(row.card), counter: Number(row.counter) },
      ...{ amount: formatAmount(row.amount_units, this.asset), paidAt: Number(row.paid_at) },
      ...{ receivedAt: row.received_at.toISOString(), state: row.state, batch: row.batch_id },
    }));
    return { vouchers, next };
  }

  /** Throws Problem NOT_FOUND. */
  async voucher(payee: Uint8Array, id: Uint8Array): Promise<VoucherView> {
    const view = (await this.views.ofPayee(payee, [id])).get(toHex(id));
    if (view !== undefined) return view;
    throw new Problem("NOT_FOUND", "No upload brought a voucher with this id yet.");
  }

  /** The batches of the newest vouchers. */
  async batches(payee: Uint8Array): Promise<OwnBatchesAnswer> {
    const { rows } = await sql<{
      id: string;
      state: string;
      tx: Uint8Array | null;
      vouchers: string;
      units: string;
      ledger_root: Uint8Array;
      ledger_size: string | null;
      created_at: Date;
    }>`
      select b.id::text, b.state, coalesce(b.transaction_hash, a.mined_hash) as tx, own.vouchers::text, own.units::text,
        b.ledger_root, b.ledger_size::text, b.created_at
      from (select v.batch_id, count(*) as vouchers, sum(v.amount_units) as units
        from (select batch_id, amount_units from vouchers where payee = ${payee}
          order by received_at desc, id desc limit ${OWN_BATCH_VOUCHERS}) v
        where v.batch_id is not null group by v.batch_id) own
      join batches b on b.id = own.batch_id join chain_actions a on a.id = b.action_id
      order by b.created_at desc limit ${LIMITS.listRows}`.execute(this.db);
    return {
      batches: rows.map((row) => ({
        ...{ id: row.id, state: row.state, tx: row.tx === null ? null : toHex(row.tx) },
        ...{ vouchers: Number(row.vouchers), amount: formatTotal(BigInt(row.units), this.asset) },
        ledgerRoot: toHex(row.ledger_root),
        ledgerSize: row.ledger_size === null ? null : Number(row.ledger_size),
        createdAt: row.created_at.toISOString(),
      })),
    };
  }

  async payouts(payee: Uint8Array): Promise<OwnPayoutsAnswer> {
    const [rows, { reached, before }] = await Promise.all([
      payoutsOf(this.db, payee, LIMITS.listRows),
      moneyReached(this.db, payee, LIMITS.listRows),
    ]);
    return {
      reached: reached.map(({ units, at, ...each }) => ({
        ...{ ...each, amount: formatTotal(units, this.asset), at: at.toISOString() },
      })),
      reachedBefore: before === 0n ? null : formatTotal(before, this.asset),
      payouts: rows.map((row) => ({
        ...{ id: row.id, state: publicActionState(actionState(row)) },
        ...{ tx: row.mined_hash === null ? null : toHex(row.mined_hash), createdAt: row.created_at.toISOString() },
        amount: row.units === null ? null : formatTotal(BigInt(row.units), this.asset),
      })),
    };
  }

  /** Where it stands by the books. */
  private async balances(payee: Uint8Array): Promise<OwnAnswer["balances"]> {
    const { accepted, owed, paidOut, issuerOwes } = await payeeBalances(this.db, payee);
    const text = (units: bigint): string => formatTotal(units, this.asset);
    return {
      ...{ accepted: text(accepted), owed: text(owed), paidOut: text(paidOut) },
      issuerOwes: issuerOwes === 0n ? null : text(issuerOwes),
    };
  }

  /** Throws Problem NOT_FOUND for a terminal that is another's, or nobody's. */
  async receipts(payee: Uint8Array, terminalId: Uint8Array): Promise<OwnReceiptsAnswer> {
    await assertKnownTerminal(this.db, { payee, terminalId });
    const rows = await this.db
      .selectFrom("receipts")
      .select(["upload", "received_at", "receipt", "signature"])
      .where("payee", "=", payee)
      .where("terminal_id", "=", terminalId)
      .orderBy("given_at", "desc")
      .limit(LIMITS.listRows)
      .execute();
    return {
      receipts: rows.map((row) => ({
        ...{ upload: toHex(row.upload), receivedAt: Number(row.received_at) },
        ...{ receipt: toHex(row.receipt), signature: toHex(row.signature) },
      })),
    };
  }

  /** Throws Problem NOT_FOUND for a voucher that is another's, or nobody's. */
  async proof(payee: Uint8Array, id: Uint8Array): Promise<OwnProofAnswer> {
    await this.place(payee, id);
    return { hold: await this.inclusion(`hold:${toHex(id)}`), paid: await this.inclusion(`paid:${toHex(id)}`) };
  }

  /** By the size that the first final batch behind it anchors; by the newest where there is none yet. */
  private async inclusion(entry: string): Promise<OwnProofAnswer["hold"]> {
    try {
      const newest = await this.proofs.inclusion(entry, null);
      const batch = await this.db
        .selectFrom("batches")
        .select(["id", "ledger_size", "transaction_hash"])
        .where("state", "=", "final")
        .where("ledger_size", ">", BigInt(newest.index))
        .orderBy("ledger_size")
        .limit(1)
        .executeTakeFirst();
      if (batch === undefined) return { ...newest, path: [...newest.path], batch: null, tx: null };
      const anchored = await this.proofs.inclusion(entry, Number(batch.ledger_size));
      const tx = batch.transaction_hash === null ? null : toHex(batch.transaction_hash);
      return { ...anchored, path: [...anchored.path], batch: batch.id, tx };
    } catch (error) {
      if (error instanceof Problem && error.code === "NOT_FOUND") return null;
      throw error;
    }
  }

  private async place(payee: Uint8Array, id: Uint8Array): Promise<{ id: Uint8Array; received_at: Date }> {
    const row = await this.db
      .selectFrom("vouchers")
      .select(["id", "received_at"])
      .where("id", "=", id)
      .where("payee", "=", payee)
      .executeTakeFirst();
    if (row === undefined) throw new Problem("NOT_FOUND", "No upload brought a voucher with this id yet.");
    return row;
  }
}

/** The payee that a session is bound to. Throws Problem FORBIDDEN for who is no merchant. */
export function payeeOf({ payee }: { readonly payee?: string | undefined }): Uint8Array {
  if (payee === undefined) throw new Problem("FORBIDDEN", "This is for merchants who sign in.");
  return fromHex(payee, 20);
}
