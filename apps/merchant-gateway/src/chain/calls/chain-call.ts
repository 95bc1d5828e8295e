import type { ChainCallRecord, CallPurpose } from "../../journal/chain/chain-call-store.ts";
import type { RefundKey } from "../../journal/payments/refund-store.ts";
import type { Journal } from "../../journal/journal.ts";
import { MAX_REPLACEMENTS } from "../../limits.ts";
import { firstFees, raisedFees } from "./fees.ts";
import type { FeePolicy } from "../../config/fee-policy.ts";
import type { AccountCall, SendFault, VaultChain } from "./vault-chain.ts";
import type { WaitCode } from "./wait-messages.ts";

export interface ChainCallParts {
  readonly journal: Pick<Journal, "write" | "chainCalls">;
  readonly chain: VaultChain;
  readonly fees: FeePolicy;
  /** Seconds. */
  readonly now: number;
}

/** What is to be called, and whom it serves. */
export interface PlannedCall {
  readonly domainBytes: Uint8Array;
  readonly refund: RefundKey | null;
  readonly purpose: CallPurpose;
  readonly call: AccountCall;
  /** Records the transaction where it is shown, in the same write that keeps its bytes. */
  readonly onSigned?: (tx: string) => void;
}

export interface Waiting {
  readonly kind: "waiting";
  readonly code: WaitCode;
  /** The node's own word, for people. */
  readonly detail: string | null;
  /** The newest transaction; null where none is signed. */
  readonly tx: string | null;
}

/** What became of a call that was to begin. */
export type Begun = Waiting | { readonly kind: "refused"; readonly refusal: string };

/** Where a call stands: `lost` once another transaction has used its nonce for ever. */
export type CallStatus =
  | Waiting
  | {
      readonly kind: "mined";
      readonly tx: string;
      readonly block: number;
      readonly succeeded: boolean;
      readonly final: boolean;
    }
  | { readonly kind: "lost" };

/**
 * Signs a call and sends it. It is durable before it is sent, so that whatever is interrupted sends the same bytes again.
 * `refused` is the contract's own word where it would be undone: then nothing was signed. Throws ChainError.
 */
export async function beginCall(parts: ChainCallParts, planned: PlannedCall): Promise<Begun> {
  const { journal, chain, now } = parts;
  const fees = firstFees(await chain.marketFees(), parts.fees);
  if (fees === null) return waiting("FEES_TOO_HIGH", null);
  const highest = journal.chainCalls.highestLiveNonce(chain.account, planned.domainBytes);
  const nonce = Math.max(await chain.nextNonce(), highest === null ? 0 : highest + 1);
  const tried = await chain.sign(planned.call, nonce, fees);
  if (!tried.ok) return { kind: "refused", refusal: tried.refusal };
  const { signed } = tried;
  journal.write(() => {
    journal.chainCalls.begin({ ...planned, account: chain.account, nonce }, signed, now);
    planned.onSigned?.(signed.hash);
  });
  return sent(signed.hash, await chain.send(signed.raw));
}

/**
 * Looks at a call: finds whichever of its transactions was mined, sends the newest again, or replaces it by one that offers more
 * where it has waited too long. Throws ChainError.
 */
export async function checkCall(parts: ChainCallParts, call: ChainCallRecord): Promise<CallStatus> {
  const { journal, chain, now } = parts;
  // Asked before the receipts: a nonce that was used for ever and no receipt afterwards means that another one used it.
  const used = await chain.finalNonce();
  for (const { hash } of [...call.transactions].reverse()) {
    const receipt = await chain.receipt(hash);
    if (receipt !== null) return { kind: "mined", tx: hash, ...receipt };
  }
  const taken = used > call.nonce;
  // Seen twice, because two replicas behind one node may differ for a moment and a wrong word here would pay twice.
  if (taken && call.nonceTaken) return { kind: "lost" };
  if (taken !== call.nonceTaken)
    journal.write(() => {
      journal.chainCalls.suspect(call, taken, now);
    });
  const newest = newestOf(call);
  if (taken) return waiting("NONCE_USED", newest.hash);
  if (now - newest.storedAt >= parts.fees.replaceAfterSeconds) return await replace(parts, call);
  return sent(newest.hash, await chain.send(newest.raw));
}

/** The same call with the same nonce for a higher fee, where it is this call's turn and the policy allows it. */
async function replace(parts: ChainCallParts, call: ChainCallRecord): Promise<Waiting> {
  const { journal, chain, now } = parts;
  const newest = newestOf(call);
  const again = async (code: WaitCode): Promise<Waiting> => {
    const answer = sent(newest.hash, await chain.send(newest.raw));
    return answer.code === "WAITING_FOR_CHAIN" ? { ...answer, code } : answer;
  };
  // An earlier nonce is still open: no fee brings this one forward.
  if ((await chain.minedNonce()) < call.nonce) return await again("WAITING_FOR_EARLIER");
  if (call.transactions.length > MAX_REPLACEMENTS) return await again("FEES_TOO_HIGH");
  const offers = { first: chain.feesOf(call.transactions[0].raw), last: chain.feesOf(newest.raw) };
  const fees = raisedFees(offers, await chain.marketFees(), parts.fees);
  if (fees === null) return await again("FEES_TOO_HIGH");
  const signed = await chain.signAgain(newest.raw, fees);
  journal.write(() => {
    journal.chainCalls.replace(call, signed, now);
  });
  return sent(signed.hash, await chain.send(signed.raw));
}

function newestOf({ transactions }: ChainCallRecord) {
  return transactions.at(-1) ?? transactions[0];
}

function sent(tx: string, fault: SendFault): Waiting {
  return { ...waiting(fault?.code ?? "WAITING_FOR_CHAIN", tx), detail: fault?.detail ?? null };
}

function waiting(code: WaitCode, tx: string | null): Waiting {
  return { kind: "waiting", code, detail: null, tx };
}
