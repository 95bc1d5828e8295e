import type { FeePolicy } from "@tallystick/evm";
import { beginCall, checkCall, type Waiting } from "../chain/calls/chain-call.ts";
import { ChainError } from "../chain/chain-error.ts";
import type { VaultChain } from "../chain/calls/vault-chain.ts";
import { waitMessages } from "../chain/calls/wait-messages.ts";
import type { ServedDomain } from "../config/gateway-config.ts";
import type { CallPurpose, ChainCallRecord } from "../journal/chain/chain-call-store.ts";
import type { Journal } from "../journal/journal.ts";
import { CHAIN_CHECK_MS } from "../limits.ts";

/** How long a claim waits for one transaction. */
export interface Patience {
  /** Seconds; the terminal's clock. */
  readonly now: () => number;
  readonly waitSeconds: number;
  readonly sleep: (ms: number) => Promise<void>;
}

export interface WaitParts {
  readonly journal: Pick<Journal, "write" | "chainCalls">;
  readonly served: Pick<ServedDomain, "domain" | "domainBytes">;
  readonly chain: VaultChain;
  readonly fees: FeePolicy;
  readonly patience: Patience;
}

/**
 * Makes a call of a claim to the vault and waits until one of its transactions is in a block;
 * answers that one. Throws ChainError: REVERTED where the vault refuses, CLAIM_WAITING where it
 * takes too long; the call stays in the journal then, and the next claim continues it.
 */
export async function callAndWait(parts: WaitParts, purpose: CallPurpose, data: Uint8Array): Promise<string> {
  const { journal, served, chain, fees, patience } = parts;
  const call = { to: served.domain.vault, data };
  const planned = { domainBytes: served.domainBytes, refund: null, purpose, call };
  const begun = await beginCall({ journal, chain, fees, now: patience.now() }, planned);
  if (begun.kind === "refused") throw new ChainError("REVERTED", `The vault refused ${purpose}: ${begun.refusal}.`);
  const made = begun.tx === null ? null : journal.chainCalls.byId(begun.tx);
  if (made === null) throw stillWaiting(begun);
  return await untilMined(parts, made);
}

/**
 * Waits for a call that was sent before. Throws ChainError like callAndWait, REVERTED where it was
 * lost or undone.
 */
export async function untilMined(parts: WaitParts, call: ChainCallRecord): Promise<string> {
  const { journal, chain, fees, patience } = parts;
  const end = patience.now() + patience.waitSeconds;
  for (let known: ChainCallRecord | null = call; known !== null; known = journal.chainCalls.byId(call.id)) {
    const now = patience.now();
    const current = known;
    const status = await checkCall({ journal, chain, fees, now }, current);
    if (status.kind === "waiting") {
      if (now >= end) throw stillWaiting(status);
      await patience.sleep(CHAIN_CHECK_MS);
      continue;
    }
    if (status.kind === "mined" && status.succeeded) {
      // Checked again until its block is final: a reorganisation may take it out.
      if (status.final)
        journal.write(() => {
          journal.chainCalls.end(current, "done", now);
        });
      return status.tx;
    }
    journal.write(() => {
      journal.chainCalls.end(current, status.kind === "lost" ? "lost" : "failed", now);
    });
    const what = status.kind === "lost" ? "was replaced by another of its account" : "was undone by the chain";
    throw new ChainError("REVERTED", `The transaction ${call.id} ${what}; run the claim again.`);
  }
  throw new Error(`call ${call.id} has left the journal`);
}

function stillWaiting({ code, detail, tx }: Waiting): ChainError {
  const why = `${waitMessages[code]}${detail === null ? "" : ` (${detail})`}`;
  if (tx === null) return new ChainError("FEES_TOO_HIGH", why);
  return new ChainError("CLAIM_WAITING", `Transaction ${tx} is in no block yet. ${why} The next claim continues it.`);
}
