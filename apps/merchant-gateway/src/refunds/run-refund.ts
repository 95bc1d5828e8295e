import { setTimeout as sleep } from "node:timers/promises";
import type { FeePolicy } from "@tallystick/evm";
import { formatAmount, parseAmount } from "@tallystick/money";
import { equalBytes, fromHex, toHex } from "@tallystick/protocol";
import { connectVault, useVault } from "../chain/calls/vault-chain.ts";
import { assertChain } from "../chain/chain-node.ts";
import type { GatewayConfig, ServedDomain } from "../config/gateway-config.ts";
import type { Journal } from "../journal/journal.ts";
import { openJournal } from "../journal/open-journal.ts";
import type { RefundRecord } from "../journal/payments/refund-store.ts";
import type { VoucherRecord } from "../journal/payments/voucher-record.ts";
import { cardAddress } from "../keys/card-address.ts";
import { CHAIN_CHECK_MS, COMMAND_DEADLINE_SECONDS } from "../limits.ts";
import { assertPayee } from "./payee-chain.ts";
import { RefundError } from "./refund-error.ts";
import { refundMessage } from "./refund-messages.ts";
import { amountOfRefund, assertSameRefund } from "./refund-rules.ts";
import { stepRefund } from "./refund-step.ts";
import { outcomeOf, type OutcomeParts } from "./voucher-outcome.ts";

export interface RefundCommand {
  readonly kind: "refund" | "release";
  readonly terminalKey: Uint8Array;
  readonly rpcUrl: string;
  /** The payee's. */
  readonly secretKey: Uint8Array;
  /** 0x hex, 32 bytes. */
  readonly voucher: string;
  /** Display units; null gives back all that is left. */
  readonly amount: string | null;
  readonly refundId: string;
  readonly fees: FeePolicy;
}

/** The command's one line. */
export interface RefundLine {
  readonly schema: "tallystick.refund/1" | "tallystick.release/1";
  readonly event: "refunded" | "released";
  readonly state: RefundRecord["state"];
  readonly tx: string | null;
  readonly block: number | null;
  readonly amount: string;
  readonly currency: string;
  readonly card: string;
  readonly voucher: string;
  readonly refundId: string;
}

/** What the command uses of its environment; tests bring their own. */
export interface RefundEnvironment {
  readonly connect?: typeof connectVault;
  /** Milliseconds of a clock that nobody sets. */
  readonly elapsed?: () => number;
  readonly wait?: (ms: number) => Promise<unknown>;
}

/**
 * Gives one payment back from the command line, and reports it when the transaction is in a block.
 * The same command again is the same refund: it continues where it stopped. Throws JournalError,
 * ChainError or RefundError.
 */
export async function runRefund(
  config: GatewayConfig,
  command: RefundCommand,
  report: (line: RefundLine) => void,
  { connect = connectVault, elapsed = () => performance.now(), wait = sleep }: RefundEnvironment = {},
): Promise<void> {
  const { kind, terminalKey, rpcUrl, secretKey, fees } = command;
  const journal = openJournal(config, { terminalKey, now: seconds() });
  try {
    const { voucher, served } = voucherOf(journal, config, command.voucher);
    const ended = await useVault(connect(served, { rpcUrl, secretKey }), async (chain) => {
      assertPayee(chain, config.payee);
      await assertChain(chain.node, served);
      const refund = await begin({ journal, chain, served }, { ...command, voucher });
      return await follow(refund, {
        ...{ elapsed, wait },
        step: (each) => stepRefund({ journal, served, chain, fees, now: seconds(), withoutSettlement: true }, each),
      });
    });
    report({
      schema: `tallystick.${kind}/1`,
      event: kind === "release" ? "released" : "refunded",
      state: ended.state,
      tx: ended.tx,
      block: ended.block,
      amount: formatAmount(ended.amount, served.asset),
      currency: served.asset.code,
      card: toHex(cardAddress(voucher.cardKey)),
      voucher: toHex(voucher.id),
      refundId: ended.refundId,
    });
  } finally {
    journal.close();
  }
}

function voucherOf(
  journal: Pick<Journal, "vouchers">,
  { domains }: Pick<GatewayConfig, "domains">,
  id: string,
): { readonly voucher: VoucherRecord; readonly served: ServedDomain } {
  const voucher = journal.vouchers.byId(fromHex(id, 32));
  const served = domains.find(({ domainBytes }) => voucher !== null && equalBytes(domainBytes, voucher.domainBytes));
  if (voucher !== null && served !== undefined) return { voucher, served };
  throw new RefundError("VOUCHER_UNKNOWN", `This journal holds no voucher ${id} of a served currency.`);
}

/** The refund of the command: the one that is known by its id, or a new one. Throws RefundError. */
async function begin(
  parts: OutcomeParts & { readonly journal: Pick<Journal, "write" | "taps" | "refunds" | "reversals"> },
  command: Pick<RefundCommand, "kind" | "refundId" | "amount"> & { readonly voucher: VoucherRecord },
): Promise<RefundRecord> {
  const { journal, served } = parts;
  const { refundId, kind, voucher } = command;
  const { tapId } = voucher;
  const tap = journal.taps.byId(tapId);
  if (tap === null) throw new Error(`the voucher's tap ${tapId} is not in the journal`);
  const asked = command.amount === null ? null : parseAmount(command.amount, served.asset);
  const known = journal.refunds.byId(tapId, refundId);
  if (known !== null) {
    assertSameRefund(known, asked);
    return known;
  }
  await assertKindFits(parts, kind, voucher);
  const amount = amountOfRefund({ paid: tap.amount, given: journal.refunds.sum(tapId), asked });
  journal.write(() => {
    if (kind === "release" && !journal.reversals.has(tapId)) journal.reversals.add(tap, seconds());
    const state = kind === "refund" ? "refunding" : "releasing";
    journal.refunds.begin({ tapId, refundId, amount, state }, seconds());
  });
  const begun = journal.refunds.byId(tapId, refundId);
  if (begun === null) throw new Error(`refund ${tapId}/${refundId} is not in the journal`);
  return begun;
}

/** A paid voucher is refunded, an unpaid one released. */
async function assertKindFits(parts: OutcomeParts, kind: RefundCommand["kind"], voucher: VoucherRecord): Promise<void> {
  const isPaid = (await outcomeOf(parts, voucher)) === "paid";
  if (kind === "refund" && !isPaid)
    throw new RefundError("NOT_PAID_YET", "The chain does not show this payment as paid; use the command release.");
  if (kind === "release" && isPaid)
    throw new RefundError("ALREADY_PAID", "This payment is on the chain; use the command refund.");
}

/**
 * Steps until the transaction is in a block; throws REFUND_REFUSED where the chain does not do it.
 */
async function follow(
  begun: RefundRecord,
  {
    step,
    elapsed,
    wait,
  }: Required<Pick<RefundEnvironment, "elapsed" | "wait">> & {
    readonly step: (refund: RefundRecord) => Promise<RefundRecord>;
  },
): Promise<RefundRecord> {
  const end = elapsed() + COMMAND_DEADLINE_SECONDS * 1_000;
  for (let refund = begun; ; await wait(CHAIN_CHECK_MS)) {
    if (refund.state === "refused")
      throw new RefundError("REFUND_REFUSED", `${refundMessage(refund.code ?? "")} ${refund.detail ?? ""}`.trim());
    if (refund.state === "refunded" || refund.block !== null) return refund;
    if (elapsed() > end)
      throw new RefundError("REFUND_REFUSED", `${refundMessage(refund.code ?? "")} The same command continues it.`);
    refund = await step(refund);
  }
}

function seconds(): number {
  return Math.floor(Date.now() / 1_000);
}
