import type { ActionChange, ChainAction, ChainSigner, SenderStore, Signed } from "@tallystick/evm";
import { equalBytes, fromHex, toHex } from "@tallystick/protocol";
import type { CallPurpose, ChainCallRecord } from "../../journal/chain/chain-call-store.ts";
import type { Journal } from "../../journal/journal.ts";
import type { RefundKey } from "../../journal/payments/refund-store.ts";

/** A call as the sender moves it, with whom it serves. */
export interface CallAction extends ChainAction {
  readonly domainBytes: Uint8Array;
  readonly refund: RefundKey | null;
  readonly purpose: CallPurpose;
  /** Records the transaction where it is shown, in the same write that keeps its first bytes. */
  readonly onSigned?: (tx: string) => void;
}

/** What the store works with. */
export interface JournalSenderStoreParts {
  readonly journal: Pick<Journal, "write" | "chainCalls">;
  readonly signer: ChainSigner;
}

/**
 * The journal as the sender's store. A call is first kept together with its first bytes, and by
 * their hash from then on; one that was sent is read as `broadcast`. How it ends is the
 * application's business: it writes that together with what the end means.
 */
export class JournalSenderStore implements SenderStore<CallAction> {
  private readonly parts: JournalSenderStoreParts;

  constructor(parts: JournalSenderStoreParts) {
    this.parts = parts;
  }

  load(id: string): Promise<CallAction | null> {
    const record = this.parts.journal.chainCalls.byId(id);
    return Promise.resolve(record === null ? null : this.actionOf(record));
  }

  /** A call as it stands in the journal. */
  actionOf(record: ChainCallRecord): CallAction {
    const { id, domainBytes, refund, purpose, nonce, nonceTaken } = record;
    const { signer } = this.parts;
    const first = signer.read(record.transactions[0].raw);
    return {
      ...{ id, state: "broadcast", domainBytes, refund, purpose, nonceTaken },
      ...{ call: { to: first.to, data: first.data, accessList: first.accessList }, gas: first.gas },
      nonce: BigInt(nonce),
      transactions: record.transactions.map(({ hash, raw, storedAt }) => {
        const { maxFee, priorityFee } = signer.read(raw);
        return { raw, hash: fromHex(hash), maxFee, priorityFee, storedAt: storedAt * 1_000, sentAt: null };
      }),
    };
  }

  reasonToWait(): Promise<null> {
    return Promise.resolve(null);
  }

  nonceSource(): Promise<"pending"> {
    return Promise.resolve("pending");
  }

  /**
   * The nonce is kept with the first bytes. It follows those of the calls whose end is not known.
   */
  reserve(
    action: CallAction,
    { gas, chainNonce }: { readonly gas: bigint; readonly chainNonce: bigint | null },
  ): Promise<CallAction> {
    const { journal, signer } = this.parts;
    const highest = journal.chainCalls.highestLiveNonce(signer.address, action.domainBytes);
    const least = highest === null ? 0n : BigInt(highest) + 1n;
    const nonce = chainNonce !== null && chainNonce > least ? chainNonce : least;
    return Promise.resolve({ ...action, state: "reserved", gas, nonce });
  }

  keepFirst(action: CallAction, signed: Signed, at: number): Promise<CallAction> {
    const { journal, signer } = this.parts;
    const { domainBytes, refund, purpose, nonce, onSigned } = action;
    const id = toHex(signed.hash);
    journal.write(() => {
      const call = { domainBytes, refund, purpose, account: signer.address, nonce: Number(nonce) };
      journal.chainCalls.begin(call, { hash: id, raw: signed.raw }, secondsOf(at));
      onSigned?.(id);
    });
    return Promise.resolve({ ...action, id, state: "signed", transactions: [stored(signed, at)] });
  }

  keepReplacement(action: CallAction, signed: Signed, at: number): Promise<CallAction | null> {
    const { journal } = this.parts;
    const kept = journal.write(() => {
      const record = journal.chainCalls.byId(action.id);
      if (record === null || record.transactions.length !== action.transactions.length) return false;
      journal.chainCalls.replace(record, { hash: toHex(signed.hash), raw: signed.raw }, secondsOf(at));
      return true;
    });
    return Promise.resolve(kept ? { ...action, transactions: [...action.transactions, stored(signed, at)] } : null);
  }

  /** Not kept: every check sends the newest bytes again. */
  markSent(action: CallAction, hash: Uint8Array, at: number): Promise<CallAction> {
    const transactions = action.transactions.map((each) =>
      equalBytes(each.hash, hash) ? { ...each, sentAt: at } : each,
    );
    return Promise.resolve({ ...action, transactions });
  }

  move(action: CallAction, { to }: ActionChange): Promise<CallAction> {
    return Promise.resolve({ ...action, state: to });
  }

  suspectNonce(action: CallAction, taken: boolean, at: number): Promise<CallAction> {
    const { journal } = this.parts;
    journal.write(() => {
      journal.chainCalls.suspect(action, taken, secondsOf(at));
    });
    return Promise.resolve({ ...action, nonceTaken: taken });
  }

  giveUpNonce(action: CallAction): Promise<CallAction> {
    return Promise.resolve(action);
  }
}

function stored(signed: Signed, at: number) {
  return { ...signed, storedAt: at, sentAt: null };
}

function secondsOf(ms: number): number {
  return Math.floor(ms / 1_000);
}
