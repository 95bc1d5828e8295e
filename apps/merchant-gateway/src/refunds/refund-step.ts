import {
  addressOfKey,
  decodeVoucherBundle,
  encodeVoucherMessage,
  messageHash,
  signatureParity,
} from "@tallystick/protocol";
import { advanceCall, encodeTokenCall, refundCall, releaseCall, type SignedMessage } from "@tallystick/vault";
import type { ServedDomain } from "../config/gateway-config.ts";
import type { Journal } from "../journal/journal.ts";
import type { ActionPurpose, ActionRecord, RefundRecord } from "../journal/refund-store.ts";
import type { VoucherRecord } from "../journal/voucher-store.ts";
import { MAX_ADVANCED_WORDS, MAX_REFUND_FAILURES } from "../limits.ts";
import type { PayeeCall, PayeeChain } from "./payee-chain.ts";
import type { RefundCode } from "./refund-codes.ts";
import { fateOf } from "./voucher-fate.ts";

export interface RefundStepParts {
  readonly journal: Journal;
  readonly served: ServedDomain;
  readonly chain: PayeeChain;
  readonly now: number;
  /** Does not wait for settlement to hear of the voucher first: there may be none any more. */
  readonly withoutSettlement?: boolean;
}

/** A call with what it is for; `refused` where it cannot be made. */
type Plan =
  | { readonly kind: "call"; readonly purpose: ActionPurpose; readonly call: PayeeCall }
  | { readonly kind: "refused"; readonly code: RefundCode };

/**
 * Brings a refund one step further and answers it as it is then. Signed bytes are durable before they are sent; a refund with a
 * transaction of which the end is unknown never gets a second one (spec §6.2). Throws ClaimError where the node does not answer.
 */
export async function stepRefund(parts: RefundStepParts, refund: RefundRecord): Promise<RefundRecord> {
  const live = parts.journal.refunds.live(refund);
  return live === null ? await begin(parts, refund) : await follow(parts, refund, live);
}

/** Decides by the chain which transaction a refund needs now, and sends it. */
async function begin(parts: RefundStepParts, refund: RefundRecord): Promise<RefundRecord> {
  const voucher = parts.journal.vouchers.ofTap(refund.tapId);
  if (voucher === null) return wait(parts, refund, "WAITING_FOR_CARD");
  if (isOnItsWay(parts, voucher)) return wait(parts, refund, "WAITING_FOR_UPLOAD");
  const fate = await fateOf(parts.chain, voucher);
  if (fate === "unclear") return wait(parts, refund, "PAYMENT_UNCLEAR");
  if (fate === "released") return move(parts, refund, { state: "refunded", tx: refund.tx ?? voucher.tx });
  if (fate === "paid") return await send(parts, move(parts, refund, { state: "refunding" }), voucher);
  if (refund.state === "refunding") return wait(parts, refund, "PAYMENT_NOT_ON_CHAIN");
  const releasing = move(parts, refund, { state: "releasing" });
  // A batch that is under way pays it in a moment; giving the counter up meanwhile would only cost gas.
  if (voucher.settlementState === "batched") return wait(parts, releasing, "WAITING_FOR_BATCH");
  return await send(parts, releasing, voucher);
}

/** Whether settlement is still to hear of the voucher: it counts a released one's value by what it knows of it (spec §6.3). */
function isOnItsWay({ served, withoutSettlement }: RefundStepParts, { delivery, tx }: VoucherRecord): boolean {
  if (withoutSettlement === true || tx !== null) return false;
  return served.settlementUrl !== null && (delivery === "unsent" || delivery === "packed");
}

async function send(parts: RefundStepParts, refund: RefundRecord, voucher: VoucherRecord): Promise<RefundRecord> {
  const { journal, chain, served, now } = parts;
  const main = refund.state === "releasing" ? releasePlan(parts, voucher) : await refundPlan(parts, refund, voucher);
  if (main.kind === "refused") return move(parts, refund, { state: "refused", code: main.code });
  const highest = journal.refunds.highestLiveNonce(chain.account, served.domainBytes);
  const nonce = Math.max(await chain.nextNonce(), highest === null ? 0 : highest + 1);
  let { purpose } = main;
  let tried = await chain.sign(main.call, nonce);
  if (!tried.ok && tried.refusal === "Advance") {
    // Too many unpaid counters lie before this one; they are written down first (spec §7.7).
    purpose = "advance";
    tried = await chain.sign({ to: chain.vault, data: advanceCall(signedMessage(voucher), MAX_ADVANCED_WORDS) }, nonce);
  }
  if (!tried.ok) return move(parts, refund, { state: "refused", code: "REFUSED_BY_VAULT", detail: tried.refusal });
  const { raw, hash } = tried.signed;
  const action: ActionRecord = { hash, purpose, account: chain.account, nonce, raw };
  journal.write(() => {
    journal.refunds.sign(refund, action, now);
  });
  const tx = givesBack(purpose) ? hash : refund.tx;
  const signed = move(parts, refund, { code: "WAITING_FOR_CHAIN", tx });
  await chain.send(raw);
  return signed;
}

function releasePlan({ chain }: RefundStepParts, voucher: VoucherRecord): Plan {
  return { kind: "call", purpose: "release", call: { to: chain.vault, data: releaseCall(signedMessage(voucher)) } };
}

/** Out of unpaid earnings; what they lack is pulled from the account, which must allow it first (spec §7.4). */
async function refundPlan(
  { chain, served }: RefundStepParts,
  refund: RefundRecord,
  voucher: VoucherRecord,
): Promise<Plan> {
  const call = refundCall({ card: addressOfKey(voucher.cardKey), units: refund.amount, voucherId: voucher.id });
  const earnings = await chain.earnings();
  const missing = refund.amount > earnings ? (refund.amount - earnings) * served.asset.scale : 0n;
  if (missing > 0n) {
    const { token, held, allowed } = await chain.funds();
    if (held < missing) return { kind: "refused", code: "SHORT_OF_FUNDS" };
    if (allowed < missing) {
      const approval = encodeTokenCall("approve", [chain.vault, missing]);
      return { kind: "call", purpose: "approve", call: { to: token, data: approval } };
    }
  }
  return { kind: "call", purpose: "refund", call: { to: chain.vault, data: call } };
}

/** Looks at a signed transaction: sends it again, or records its end. */
async function follow(parts: RefundStepParts, refund: RefundRecord, action: ActionRecord): Promise<RefundRecord> {
  const { chain } = parts;
  // Asked before the receipt: a nonce that was used for ever and no receipt afterwards means that another one used it.
  const used = await chain.finalNonce();
  const receipt = await chain.receipt(action.hash);
  if (receipt === null) {
    // Seen twice, because two replicas behind one node may differ for a moment and a wrong word here would pay twice.
    if (used > action.nonce)
      return refund.code === "NONCE_USED" ? end(parts, refund, action, "lost") : wait(parts, refund, "NONCE_USED");
    await chain.send(action.raw);
    return move(parts, refund, { code: "WAITING_FOR_CHAIN", block: null });
  }
  if (!receipt.succeeded) {
    return receipt.final
      ? end(parts, refund, action, "failed")
      : move(parts, refund, { code: "WAITING_FOR_CHAIN", block: receipt.block });
  }
  if (!givesBack(action.purpose)) return end(parts, refund, action, "done");
  if (!receipt.final) return move(parts, refund, { code: "WAITING_FOR_CHAIN", block: receipt.block });
  return end(parts, refund, action, "done", receipt.block);
}

function givesBack(purpose: ActionPurpose): boolean {
  return purpose === "release" || purpose === "refund";
}

/** Records a transaction's end, and with the last one the refund's. */
function end(
  { journal, now }: RefundStepParts,
  refund: RefundRecord,
  action: ActionRecord,
  how: "done" | "failed" | "lost",
  block: number | null = null,
): RefundRecord {
  const { refunds } = journal;
  journal.write(() => {
    refunds.end(refund, action, how, now);
    if (how === "done" && givesBack(action.purpose)) {
      refunds.move(refund, { state: "refunded", tx: action.hash, block }, now);
    } else if (how === "failed" && refunds.failures(refund) >= MAX_REFUND_FAILURES) {
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

function reread(journal: Journal, { tapId, refundId }: RefundRecord): RefundRecord {
  const refund = journal.refunds.byId(tapId, refundId);
  if (refund === null) throw new Error(`refund ${tapId}/${refundId} has left the journal`);
  return refund;
}

function signedMessage({ entry }: VoucherRecord): SignedMessage {
  const { message, signature, cardKey } = decodeVoucherBundle(entry);
  const parity = signatureParity(signature, messageHash(message), cardKey);
  return { message: encodeVoucherMessage(message), signature, parity };
}
