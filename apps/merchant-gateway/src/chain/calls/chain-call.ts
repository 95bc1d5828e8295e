import { type ActionCall, type FeePolicy, type StepOutcome, TransactionSender, type WaitCode } from "@tallystick/evm";
import { decodeDomain, toHex } from "@tallystick/protocol";
import type { CallPurpose, ChainCallRecord } from "../../journal/chain/chain-call-store.ts";
import type { Journal } from "../../journal/journal.ts";
import type { RefundKey } from "../../journal/payments/refund-store.ts";
import { GAS_MARGIN_PERCENT } from "../../limits.ts";
import { ChainError } from "../chain-error.ts";
import { type CallAction, JournalSenderStore } from "./journal-sender-store.ts";
import type { VaultChain } from "./vault-chain.ts";

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
  readonly call: ActionCall;
  /** Records the transaction where it is shown, in the same write that keeps its bytes. */
  readonly onSigned?: (tx: string) => void;
}

export interface Waiting {
  readonly kind: "waiting";
  readonly code: WaitCode;
  /** The node's own message, for people. */
  readonly detail: string | null;
  /** The newest transaction; null where none is signed. */
  readonly tx: string | null;
}

/** What became of a call that was to begin: `refusal` is the contract's own name for why it would be undone. */
export type Begun = Waiting | { readonly kind: "refused"; readonly refusal: string };

/** Where a call stands: `lost` once another transaction has finally used its nonce. */
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
 * Signs a call and sends it. It is durable before it is sent, so that whatever is interrupted sends the same bytes again. Where it
 * is refused, nothing was signed. Throws ChainError NO_GAS, and RpcError where the node does not answer.
 */
export async function beginCall(parts: ChainCallParts, planned: PlannedCall): Promise<Begun> {
  const { sender } = senderOf(parts, planned.domainBytes);
  const outcome = await sender.begin({
    ...planned,
    ...{ id: "", state: "planned", nonce: null, gas: null, nonceTaken: false, transactions: [] },
  });
  if (outcome.kind === "refused") return { kind: "refused", refusal: outcome.reason };
  const waiting = waitingOf(outcome);
  if (waiting.code !== "NO_GAS" || waiting.tx !== null) return waiting;
  const account = toHex(parts.chain.signer.address);
  throw new ChainError("NO_GAS", `${account} has too little of the chain's coin to pay for a transaction.`);
}

/**
 * Checks a call: finds whichever of its transactions was mined, sends the newest again, or replaces it by one that offers more
 * where it has waited too long. Throws RpcError.
 */
export async function checkCall(parts: ChainCallParts, call: ChainCallRecord): Promise<CallStatus> {
  const { sender, store } = senderOf(parts, call.domainBytes);
  const outcome = await sender.check(store.actionOf(call));
  if (outcome.kind === "lost") return { kind: "lost" };
  if (outcome.kind !== "mined") return waitingOf(outcome);
  const { transactionHash, blockNumber, succeeded } = outcome.receipt;
  return {
    kind: "mined",
    tx: toHex(transactionHash),
    block: Number(blockNumber),
    succeeded,
    final: outcome.final,
  };
}

function senderOf({ journal, chain, fees, now }: ChainCallParts, domainBytes: Uint8Array) {
  const { node: rpc, signer } = chain;
  const store = new JournalSenderStore({ journal, signer });
  const policy = {
    ...fees,
    chainId: decodeDomain(domainBytes).chainId,
    resendMs: 0,
    gasMarginPercent: GAS_MARGIN_PERCENT,
  };
  return { store, sender: new TransactionSender({ rpc, signer, store, policy, clock: { now: () => now * 1_000 } }) };
}

function waitingOf(outcome: StepOutcome<CallAction>): Waiting {
  if (outcome.kind !== "waiting") throw new Error(`a call of this journal alone is ${outcome.kind}`);
  const newest = outcome.action.transactions.at(-1);
  const tx = newest === undefined ? null : toHex(newest.hash);
  return { kind: "waiting", code: outcome.code, detail: outcome.detail, tx };
}
