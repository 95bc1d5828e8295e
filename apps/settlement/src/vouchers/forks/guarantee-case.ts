import { parseAmount, type Asset } from "@tallystick/money";
import {
  assuranceClass,
  createSignatureChecks,
  decodeAllowanceBody,
  decodeMerchantCertificate,
  decodeVoucherContext,
  decodeVoucherMessage,
  defaultFreshness,
  judgeVoucher,
  MERCHANT_CERTIFICATE_LENGTH,
  type Domain,
  type SignatureEngine,
} from "@tallystick/protocol";
import {
  widestLimits,
  type GuaranteeCase,
  type GuaranteedLimits,
  type IssuerGuarantee,
} from "@tallystick/protocol/guarantee";
import { sql, type Selectable } from "kysely";
import type { Config } from "../../foundation/config/config.ts";
import type { DatabaseTransaction } from "../../foundation/database/database.ts";
import type { VouchersTable } from "../../foundation/database/tables/intake-tables.ts";
import type { Issuer } from "../../foundation/keys/issuer.ts";
import { DAY_MS } from "../../foundation/limits/limits.ts";
import { withdrawnFrom } from "../../issuing/merchants/withdrawals.ts";

export type VoucherRow = Selectable<VouchersTable>;

/** What decides about a guarantee and is no part of the voucher. */
export interface GuaranteeGrounds {
  readonly config: Config;
  readonly asset: Asset;
  readonly domain: Domain;
  readonly issuer: Pick<Issuer, "knownKeys">;
  readonly engine: SignatureEngine;
  /** Milliseconds. */
  readonly now: number;
  /** The earliest proof of arrival, seconds. */
  readonly arrivedAt: number;
}

const BORNE = ["compensating", "compensated", "withheld"];
const PAID = ["compensating", "compensated"];

/** What the issuer published that it bears, in units. */
export function issuerGuarantee({ guarantee }: Pick<Config, "guarantee">, asset: Asset): IssuerGuarantee {
  return {
    bears: guarantee.bears,
    perCard: parseAmount(guarantee.perCard, asset),
    perPayeePerDay: parseAmount(guarantee.perPayeePerDay, asset),
  };
}

/**
 * Reads everything by which a voucher is judged when it is to be paid (spec §6.12). Null where its
 * certificate is of before there were sums.
 */
export async function readGuaranteeCase(
  trx: DatabaseTransaction,
  voucher: VoucherRow,
  grounds: GuaranteeGrounds,
): Promise<GuaranteeCase | null> {
  const { config, asset, domain, issuer, engine, now, arrivedAt } = grounds;
  const time = Number(voucher.paid_at);
  const allowanceBody = decodeAllowanceBody(voucher.allowance_body);
  const arrival = { at: arrivedAt, uploadWindowSeconds: config.uploadWindowSeconds };
  const certificate = await certificateOf(trx, voucher, time);
  if (certificate === null) return null;
  const withdrawnAt = await withdrawnFrom(trx, { payee: voucher.payee, terminalId: voucher.terminal_id });
  const verdict = judgeVoucher(
    {
      ...{ cardKey: voucher.card_key, message: decodeVoucherMessage(voucher.message) },
      ...{ context: decodeVoucherContext(voucher.context), signature: voucher.signature },
      ...{ allowanceBody, allowanceSignature: voucher.allowance_signature },
    },
    {
      checks: createSignatureChecks(
        issuer.knownKeys.map((key) => ({ ...key, domain })),
        engine,
      ),
      ...{ domain, arrival },
      terminal: { certificate, softwareBefore: 0n, ...(withdrawnAt === null ? {} : { withdrawnAt }) },
    },
  );
  return {
    ...{ amount: voucher.amount_units, time, assuranceClass: assuranceClass(allowanceBody), verdict, arrival },
    // A reversed voucher is taken out before it comes here.
    reversed: false,
    rivals: await rivalsOf(trx, voucher),
    revokedAt: await revokedAt(trx, voucher.card),
    listAgeSeconds: defaultFreshness.listAgeSeconds,
    certificate: { perCardSum: certificate.perCardSum, softwareSum: certificate.softwareSum, withdrawnAt },
    largestMaxSpent: await largestMaxSpent(trx, voucher.card, allowanceBody.maxSpent),
    before: await borneBefore(trx, voucher, now),
    issuer: issuerGuarantee(config, asset),
  };
}

/** The certificate of its upload, widened by every other that the issuer signed for the terminal. */
async function certificateOf(
  trx: DatabaseTransaction,
  voucher: VoucherRow,
  time: number,
): Promise<GuaranteedLimits | null> {
  const { certificate } = await trx
    .selectFrom("uploads")
    .select("certificate")
    .where("hash", "=", voucher.upload)
    .executeTakeFirstOrThrow();
  const rows = await trx
    .selectFrom("terminals")
    .select("certificate")
    .where("payee", "=", voucher.payee)
    .where("terminal_id", "=", voucher.terminal_id)
    .where("signature", "is not", null)
    .execute();
  const [given, ...others] = [certificate, ...rows.map((row) => row.certificate)]
    .filter(({ length }) => length === MERCHANT_CERTIFICATE_LENGTH)
    .map(decodeMerchantCertificate);
  if (given === undefined || certificate.length !== MERCHANT_CERTIFICATE_LENGTH) return null;
  return widestLimits(
    given,
    others.filter(({ category }) => category === given.category),
    time,
  );
}

async function rivalsOf(trx: DatabaseTransaction, voucher: VoucherRow) {
  const rows = await trx
    .selectFrom("vouchers")
    .leftJoin("cancellations", (join) =>
      join
        .onRef("cancellations.request", "=", "vouchers.request")
        .onRef("cancellations.card_key", "=", "vouchers.card_key"),
    )
    .select(["vouchers.state", "cancellations.upload as reversal"])
    .where("vouchers.card", "=", voucher.card)
    .where("vouchers.counter", "=", voucher.counter)
    .where("vouchers.payee", "=", voucher.payee)
    .where("vouchers.terminal_id", "=", voucher.terminal_id)
    .where("vouchers.id", "!=", voucher.id)
    .execute();
  return rows.map(({ state, reversal }) => ({ reversed: reversal !== null, borne: BORNE.includes(state) }));
}

async function revokedAt(trx: DatabaseTransaction, card: Uint8Array): Promise<number | null> {
  const row = await trx.selectFrom("cards").select("revoked_listed_at").where("card", "=", card).executeTakeFirst();
  const at = row?.revoked_listed_at ?? null;
  return at === null ? null : Math.floor(at.getTime() / 1_000);
}

async function largestMaxSpent(trx: DatabaseTransaction, card: Uint8Array, own: bigint): Promise<bigint> {
  const { largest } = await trx
    .selectFrom("allowances")
    .select((select) => select.fn.max("max_spent_units").as("largest"))
    .where("card", "=", card)
    .executeTakeFirstOrThrow();
  const signed = BigInt(largest ?? 0n);
  return signed > own ? signed : own;
}

async function borneBefore(trx: DatabaseTransaction, voucher: VoucherRow, now: number) {
  const { card, payee, terminal_id: terminalId, id } = voucher;
  const today = new Date(now - (now % DAY_MS));
  const { rows } = await sql<Record<"here" | "software" | "card" | "today", string>>`
    select
      coalesce(sum(amount_units) filter (where card = ${card} and payee = ${payee} and terminal_id = ${terminalId}), 0)::text as here,
      coalesce(sum(amount_units) filter (where payee = ${payee} and terminal_id = ${terminalId}
        and (get_byte(allowance_body, 61) >> 1) & 3 = 2), 0)::text as software,
      coalesce(sum(amount_units) filter (where card = ${card} and state = any (${PAID}::text[])), 0)::text as card,
      (select coalesce(sum(amount_units), 0) from compensations
        where payee = ${payee} and created_at >= ${today} and voucher_id <> ${id})::text as today
    from vouchers
    where state = any (${BORNE}::text[]) and id <> ${id} and (card = ${card} or payee = ${payee})`.execute(trx);
  const [sums] = rows;
  if (sums === undefined) throw new Error("The database answered no row.");
  return {
    cardAtTerminal: BigInt(sums.here),
    softwareAtTerminal: BigInt(sums.software),
    card: BigInt(sums.card),
    payeeToday: BigInt(sums.today),
  };
}
