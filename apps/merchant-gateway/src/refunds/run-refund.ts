import { setTimeout as sleep } from "node:timers/promises";
import { formatAmount, parseAmount } from "@tallystick/money";
import { equalBytes, fromHex, toHex } from "@tallystick/protocol";
import { cardAddress } from "../keys/card-address.ts";
import { createEthersVaultChain } from "../chain/calls/ethers-vault-chain.ts";
import type { FeePolicy } from "../config/fee-policy.ts";
import { readPayingKey } from "../chain/calls/paying-key.ts";
import { assertChain } from "../chain/assert-chain.ts";
import type { VaultChain } from "../chain/calls/vault-chain.ts";
import type { GatewayConfig } from "../config/gateway-config.ts";
import { Journal } from "../journal/journal.ts";
import type { RefundRecord } from "../journal/payments/refund-store.ts";
import { readTerminalKey } from "../keys/terminal-key.ts";
import { CHAIN_CHECK_MS, COMMAND_DEADLINE_SECONDS } from "../limits.ts";
import { assertPayee } from "./payee-chain.ts";
import { RefundError } from "./refund-error.ts";
import { refundMessage } from "./refund-messages.ts";
import { stepRefund } from "./refund-step.ts";
import { outcomeOf } from "./voucher-outcome.ts";

export interface RefundCommand {
  readonly kind: "refund" | "release";
  readonly rpc: string;
  readonly keyFile: string;
  /** 0x hex, 32 bytes. */
  readonly voucher: string;
  /** Display units; null gives back all that is left. */
  readonly amount: string | null;
  readonly refundId: string;
  readonly fees: FeePolicy;
}

/**
 * Gives one payment back from the command line, and tells it in one line when the transaction stands in a block. The same command
 * again is the same refund: it goes on where it stopped. Throws ConfigError, TerminalKeyError, JournalError, ChainError or RefundError.
 */
export async function runRefund(
  config: GatewayConfig,
  command: RefundCommand,
  say: (line: Readonly<Record<string, unknown>>) => void,
): Promise<void> {
  const key = readPayingKey(command.keyFile);
  const { publicKey } = readTerminalKey(config.terminalKeyFile);
  const identity = { payee: config.payee, terminalId: config.terminalId, terminalKey: publicKey };
  const journal = Journal.open({ path: config.journalPath, witnessPath: config.witnessPath, identity, now: seconds() });
  try {
    const voucher = journal.vouchers.byId(fromHex(command.voucher, 32));
    const served = config.domains.find(
      ({ domainBytes }) => voucher !== null && equalBytes(domainBytes, voucher.domainBytes),
    );
    if (voucher === null || served === undefined)
      throw new RefundError(
        "VOUCHER_UNKNOWN",
        `This journal holds no voucher ${command.voucher} of a served currency.`,
      );
    const chain = createEthersVaultChain({ rpc: command.rpc, vault: served.domain.vault, key });
    try {
      assertPayee(chain, config.payee);
      await assertChain(chain, served);
      const refund = await begin(journal, chain, { ...command, tapId: voucher.tapId, asset: served.asset });
      const ended = await follow(refund, async (each) =>
        stepRefund({ journal, served, chain, fees: command.fees, now: seconds(), withoutSettlement: true }, each),
      );
      say({
        schema: `tallystick.${command.kind}/1`,
        event: command.kind === "release" ? "released" : "refunded",
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
      chain.close();
    }
  } finally {
    journal.close();
  }
}

async function begin(
  journal: Journal,
  chain: VaultChain,
  command: RefundCommand & { readonly tapId: string; readonly asset: Parameters<typeof parseAmount>[1] },
): Promise<RefundRecord> {
  const { tapId, refundId, kind } = command;
  const tap = journal.taps.byId(tapId);
  const voucher = journal.vouchers.ofTap(tapId);
  if (tap === null || voucher === null) throw new Error(`the voucher's tap ${tapId} is not in the journal`);
  const asked = command.amount === null ? null : parseAmount(command.amount, command.asset);
  const known = journal.refunds.byId(tapId, refundId);
  if (known !== null) {
    if (asked === null || asked === known.amount) return known;
    throw new RefundError(
      "REFUND_DIFFERS",
      "This refund is known with another amount; give a further one its own --refund-id.",
    );
  }
  const outcome = await outcomeOf(chain, voucher);
  if (kind === "refund" && outcome !== "paid")
    throw new RefundError("NOT_PAID_YET", "The chain does not show this payment as paid; use the command release.");
  if (kind === "release" && outcome === "paid")
    throw new RefundError("ALREADY_PAID", "This payment is on the chain; use the command refund.");
  const left = tap.amount - journal.refunds.sum(tapId);
  const amount = asked ?? left;
  if (amount > left || amount === 0n)
    throw new RefundError(
      "REFUND_ABOVE_PAYMENT",
      `Of this payment ${formatAmount(left, command.asset)} are left to give back.`,
    );
  const state = kind === "refund" ? "refunding" : "releasing";
  journal.write(() => {
    if (kind === "release" && !journal.reversals.has(tapId)) journal.reversals.add(tap, seconds());
    journal.refunds.begin({ tapId, refundId, amount, state }, seconds());
  });
  const begun = journal.refunds.byId(tapId, refundId);
  if (begun === null) throw new Error(`refund ${tapId}/${refundId} is not in the journal`);
  return begun;
}

/** Steps until the transaction stands in a block; throws REFUND_REFUSED where the chain does not do it. */
async function follow(
  begun: RefundRecord,
  step: (refund: RefundRecord) => Promise<RefundRecord>,
): Promise<RefundRecord> {
  const end = performance.now() + COMMAND_DEADLINE_SECONDS * 1_000;
  for (let refund = begun; ; await sleep(CHAIN_CHECK_MS)) {
    if (refund.state === "refused")
      throw new RefundError("REFUND_REFUSED", `${refundMessage(refund.code ?? "")} ${refund.detail ?? ""}`.trim());
    if (refund.state === "refunded" || refund.block !== null) return refund;
    if (performance.now() > end)
      throw new RefundError("REFUND_REFUSED", `${refundMessage(refund.code ?? "")} The same command continues it.`);
    refund = await step(refund);
  }
}

function seconds(): number {
  return Math.floor(Date.now() / 1_000);
}
