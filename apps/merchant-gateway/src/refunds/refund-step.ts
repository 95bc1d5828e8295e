import type { ActionCall } from "@tallystick/evm";
import { decodeVoucherBundle, encodeVoucherMessage, messageHash, signatureParity } from "@tallystick/protocol";
import { advanceCall, encodeTokenCall, refundCall, releaseCall, type SignedMessage } from "@tallystick/vault";
import { cardAddress } from "../keys/card-address.ts";
import { beginCall, type CallStatus, type ChainCallParts, checkCall, type Waiting } from "../chain/calls/chain-call.ts";
import { owedTo } from "../chain/calls/vault-chain.ts";
import type { ServedDomain } from "../config/gateway-config.ts";
import type { CallEnd, CallPurpose, ChainCallRecord } from "../journal/chain/chain-call-store.ts";
import type { Journal } from "../journal/journal.ts";
import type { RefundRecord } from "../journal/payments/refund-store.ts";
import type { VoucherRecord } from "../journal/payments/voucher-record.ts";
import { MAX_ADVANCED_WORDS, MAX_REFUND_FAILURES } from "../limits.ts";
import type { RefundCode } from "./refund-messages.ts";
import { outcomeOf } from "./voucher-outcome.ts";

type RefundJournal = Pick<Journal, "write" | "vouchers" | "outcomes" | "refunds" | "chainCalls">;

export interface RefundStepParts extends ChainCallParts {
  readonly journal: RefundJournal;
  readonly served: ServedDomain;
  /** Does not wait until settlement has the voucher: there may be no settlement any more. */
  readonly withoutSettlement?: boolean;
}

/** A call with what it is for; `refused` where it cannot be made. */
type Plan =
  | { readonly kind: "call"; readonly purpose: CallPurpose; readonly call: ActionCall }
  | { readonly kind: "refused"; readonly code: RefundCode };

/**
 * Brings a refund one step further and answers it as it is then. Signed bytes are durable before
 * they are sent; a refund with a call of which the end is unknown never gets a second one (spec
 * §5.9). Throws ChainError where the node does not answer.
 */
export async function stepRefund(parts: RefundStepParts, refund: RefundRecord): Promise<RefundRecord> {
  const call = parts.journal.chainCalls.ofRefund(refund);
  if (call === null) return await begin(parts, refund);
  return record(parts, refund, call, await checkCall(parts, call));
}

/** Decides by the chain which transaction a refund needs now, and sends it. */
async function begin(parts: RefundStepParts, refund: RefundRecord): Promise<RefundRecord> {
  const voucher = parts.journal.vouchers.ofTap(refund.tapId);
  if (voucher === null) return wait(parts, refund, "WAITING_FOR_CARD");
  if (isOnItsWay(parts, voucher)) return wait(parts, refund, "WAITING_FOR_UPLOAD");
  const outcome = await outcomeOf(parts, voucher);
  if (outcome === "unclear") return wait(parts, refund, "PAYMENT_UNCLEAR");
  if (outcome === "released")
    return move(parts, refund, {
      state: "refunded",
      tx: refund.tx ?? voucher.outcome?.tx ?? voucher.claimTx ?? voucher.tx,
    });
  if (outcome === "paid") return await send(parts, move(parts, refund, { state: "refunding" }), voucher);
  if (refund.state === "refunding") return wait(parts, refund, "PAYMENT_NOT_ON_CHAIN");
  const releasing = move(parts, refund, { state: "releasing" });
  // A batch that is under way pays it in a moment; a release meanwhile would only cost gas.
  if (voucher.settlementState === "batched") return wait(parts, releasing, "WAITING_FOR_BATCH");
  return await send(parts, releasing, voucher);
}

/**
 * Whether settlement does not have the voucher yet: it counts a released one's value by what it
 * knows of it (spec §6.3).
 */
export function isOnItsWay(
  { served, withoutSettlement }: Pick<RefundStepParts, "served" | "withoutSettlement">,
  voucher: VoucherRecord,
): boolean {
  const { delivery, tx, claimTx } = voucher;
  if (withoutSettlement === true || tx !== null || claimTx !== null) return false;
  return served.settlementUrl !== null && (delivery === "unsent" || delivery === "packed");
}

async function send(parts: RefundStepParts, refund: RefundRecord, voucher: VoucherRecord): Promise<RefundRecord> {
  const { chain, served } = parts;
  const plan = refund.state === "releasing" ? releasePlan(parts, voucher) : await refundPlan(parts, refund, voucher);
  if (plan.kind === "refused") return move(parts, refund, { state: "refused", code: plan.code });
  const { domainBytes } = served;
  const { tapId, refundId } = refund;
  const onSigned = (tx: string): void => {
    parts.journal.refunds.move(refund, { code: "WAITING_FOR_CHAIN", tx }, parts.now);
  };
  const whose = { domainBytes, refund: { tapId, refundId } };
  let { purpose } = plan;
  let begun = await beginCall(parts, {
    ...{ ...whose, purpose, call: plan.call },
    ...(returnsValue(purpose) ? { onSigned } : {}),
  });
  if (begun.kind === "refused" && begun.refusal === "Advance") {
    // Too many unpaid counters lie before this one; they are recorded first (spec §7.7).
    purpose = "advance";
    const data = advanceCall(signedMessage(voucher), MAX_ADVANCED_WORDS);
    begun = await beginCall(parts, { ...whose, purpose, call: { to: chain.views.vault, data } });
  }
  if (begun.kind === "refused")
    return move(parts, refund, { state: "refused", code: "REFUSED_BY_VAULT", detail: begun.refusal });
  return waitForChain(parts, reread(parts.journal, refund), purpose, begun);
}

/**
 * The transaction that is shown is the newest; another of the same call may be mined in its place.
 */
function waitForChain(
  parts: RefundStepParts,
  refund: RefundRecord,
  purpose: CallPurpose,
  { code, detail, tx }: Waiting,
): RefundRecord {
  return move(parts, refund, { code, detail, block: null, ...(tx !== null && returnsValue(purpose) ? { tx } : {}) });
}

function releasePlan({ chain }: RefundStepParts, voucher: VoucherRecord): Plan {
  return {
    kind: "call",
    purpose: "release",
    call: { to: chain.views.vault, data: releaseCall(signedMessage(voucher)) },
  };
}

/**
 * Out of unpaid earnings; what they lack is pulled from the account, which must allow it first
 * (spec §7.4).
 */
async function refundPlan(
  { chain, served }: RefundStepParts,
  refund: RefundRecord,
  voucher: VoucherRecord,
): Promise<Plan> {
  const call = refundCall({ card: cardAddress(voucher.cardKey), units: refund.amount, voucherId: voucher.id });
  const { views, signer } = chain;
  const earnings = await owedTo(chain, signer.address);
  const missing = refund.amount > earnings ? (refund.amount - earnings) * served.asset.scale : 0n;
  if (missing > 0n) {
    const token = await views.token();
    const held = await views.tokenBalance(token, signer.address, "latest");
    if (held < missing) return { kind: "refused", code: "SHORT_OF_FUNDS" };
    if ((await views.tokenAllowance(token, signer.address, "latest")) < missing) {
      const approval = encodeTokenCall("approve", [views.vault, missing]);
      return { kind: "call", purpose: "approve", call: { to: token, data: approval } };
    }
  }
  return { kind: "call", purpose: "refund", call: { to: views.vault, data: call } };
}

/** Records where a refund's call stands. */
function record(parts: RefundStepParts, refund: RefundRecord, call: ChainCallRecord, status: CallStatus): RefundRecord {
  if (status.kind === "waiting") return waitForChain(parts, refund, call.purpose, status);
  if (status.kind === "lost") return end(parts, refund, call, { how: "lost" });
  const { tx, block, succeeded, final } = status;
  if (succeeded && !returnsValue(call.purpose)) return end(parts, refund, call, { how: "done" });
  if (final) return end(parts, refund, call, succeeded ? { how: "done", tx, block } : { how: "failed" });
  return move(parts, refund, { code: "WAITING_FOR_CHAIN", block, ...(returnsValue(call.purpose) ? { tx } : {}) });
}

function returnsValue(purpose: CallPurpose): boolean {
  return purpose === "release" || purpose === "refund";
}

/** Records a call's end, and with the last one the refund's. */
function end(
  { journal, now }: RefundStepParts,
  refund: RefundRecord,
  call: ChainCallRecord,
  { how, tx, block }: { readonly how: CallEnd; readonly tx?: string; readonly block?: number },
): RefundRecord {
  const { refunds, chainCalls, outcomes, vouchers } = journal;
  journal.write(() => {
    chainCalls.end(call, how, now);
    if (tx !== undefined && block !== undefined) {
      refunds.move(refund, { state: "refunded", tx, block }, now);
      const released = call.purpose === "release" ? vouchers.ofTap(refund.tapId) : null;
      // Named here, and looked up like any other (spec §5.8).
      if (released !== null) outcomes.claimed(released.id, tx, now);
    } else if (how === "failed" && chainCalls.failures(refund) >= MAX_REFUND_FAILURES) {
      refunds.move(refund, { state: "refused", code: "REVERTED" }, now);
    } else {
      refunds.move(refund, { tx: null, block: null }, now);
    }
  });
  return reread(journal, refund);
}

function wait(parts: RefundStepParts, refund: RefundRecord, code: RefundCode): RefundRecord {
  return move(parts, refund, { code });
}

function move(
  { journal, now }: RefundStepParts,
  refund: RefundRecord,
  to: Parameters<Journal["refunds"]["move"]>[1],
): RefundRecord {
  journal.write(() => {
    journal.refunds.move(refund, to, now);
  });
  return reread(journal, refund);
}

function reread(journal: RefundJournal, { tapId, refundId }: RefundRecord): RefundRecord {
  const refund = journal.refunds.byId(tapId, refundId);
  if (refund === null) throw new Error(`refund ${tapId}/${refundId} has left the journal`);
  return refund;
}

function signedMessage({ entry }: VoucherRecord): SignedMessage {
  const { message, signature, cardKey } = decodeVoucherBundle(entry);
  const parity = signatureParity(signature, messageHash(message), cardKey);
  return { message: encodeVoucherMessage(message), signature, parity };
}
