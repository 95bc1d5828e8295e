import { equalBytes, toHex } from "@tallystick/protocol";
import { assertActionEdge, SETTLED_ACTION_STATES } from "../sender/action-states.ts";
import type { ActionCall, ChainAction } from "../sender/chain-action.ts";
import type { ActionChange, SenderStore, Signed } from "../sender/sender-store.ts";

/** An action in memory, with what it comes after and why it ended or waits. */
export interface MemoryAction extends ChainAction {
  readonly after: readonly string[];
  readonly failure: string | null;
}

/**
 * The port in memory, for tests and as its plainest example: a map of actions, and the account's
 * next nonce.
 */
export class MemorySenderStore implements SenderStore<MemoryAction> {
  private readonly actions = new Map<string, MemoryAction>();
  /** Hashes of all bytes that were ever kept, also those of a nonce that was given up. */
  readonly everKept: string[] = [];
  /** Ids of actions whose tokens the account does not hold. */
  readonly withoutTokens = new Set<string>();
  private nextNonce: bigint | null = null;

  /** Plans a call under an id that the caller chooses. */
  plan(id: string, call: ActionCall, after: readonly string[] = []): MemoryAction {
    return this.put({
      ...{ id, call, after, state: "planned", nonce: null, gas: null },
      ...{ nonceTaken: false, transactions: [], failure: null },
    });
  }

  /** All actions, in the order in which they were planned. */
  all(): readonly MemoryAction[] {
    return [...this.actions.values()];
  }

  load(id: string): Promise<MemoryAction | null> {
    return Promise.resolve(this.actions.get(id) ?? null);
  }

  reasonToWait({ id, after }: MemoryAction): Promise<"WAITING_FOR_ACTIONS" | "NO_TOKENS" | null> {
    const isOpen = (id: string): boolean => {
      const before = this.actions.get(id);
      return before !== undefined && before.state !== "mined" && !SETTLED_ACTION_STATES.includes(before.state);
    };
    if (after.some(isOpen)) return Promise.resolve("WAITING_FOR_ACTIONS");
    return Promise.resolve(this.withoutTokens.has(id) ? "NO_TOKENS" : null);
  }

  nonceSource(): Promise<"latest" | null> {
    return Promise.resolve(this.nextNonce === null ? "latest" : null);
  }

  reserve(
    action: MemoryAction,
    { gas, chainNonce }: { readonly gas: bigint; readonly chainNonce: bigint | null },
  ): Promise<MemoryAction | null> {
    return this.change(action, "reserved", () => {
      const nonce = this.nextNonce ?? chainNonce ?? 0n;
      this.nextNonce = nonce + 1n;
      return { nonce, gas, failure: null };
    });
  }

  keepFirst(action: MemoryAction, signed: Signed, at: number): Promise<MemoryAction | null> {
    return this.change(action, "signed", () => ({ transactions: [{ ...signed, storedAt: at, sentAt: null }] }));
  }

  keepReplacement(action: MemoryAction, signed: Signed, at: number): Promise<MemoryAction | null> {
    const present = this.present(action);
    if (present?.transactions.length !== action.transactions.length) return Promise.resolve(null);
    const transactions = [...present.transactions, { ...signed, storedAt: at, sentAt: null }];
    return Promise.resolve(this.put({ ...present, transactions }));
  }

  markSent(action: MemoryAction, hash: Uint8Array, at: number): Promise<MemoryAction> {
    const present = this.actions.get(action.id) ?? action;
    const transactions = present.transactions.map((each) =>
      equalBytes(each.hash, hash) ? { ...each, sentAt: at } : each,
    );
    this.put({ ...present, transactions });
    // The caller's view goes on: another caller may have moved the action meanwhile.
    return Promise.resolve({ ...action, transactions });
  }

  move(action: MemoryAction, change: ActionChange): Promise<MemoryAction | null> {
    return this.change(action, change.to, () => ({ failure: failureOf(change) }));
  }

  suspectNonce(action: MemoryAction, taken: boolean): Promise<MemoryAction | null> {
    const present = this.present(action);
    return Promise.resolve(present === null ? null : this.put({ ...present, nonceTaken: taken }));
  }

  giveUpNonce(action: MemoryAction, chainNonce: bigint): Promise<MemoryAction | null> {
    return this.change(action, "planned", () => {
      if (this.nextNonce === null || this.nextNonce < chainNonce) this.nextNonce = chainNonce;
      return { nonce: null, gas: null, nonceTaken: false, transactions: [], failure: "NONCE_TAKEN" };
    });
  }

  private change(
    action: MemoryAction,
    to: MemoryAction["state"],
    fields: () => Partial<MemoryAction>,
  ): Promise<MemoryAction | null> {
    assertActionEdge(action.state, to);
    const present = this.present(action);
    return Promise.resolve(present === null ? null : this.put({ ...present, ...fields(), state: to }));
  }

  /** Null where another caller moved it meanwhile, also in a ring: it has another nonce then. */
  private present({ id, state, nonce }: MemoryAction): MemoryAction | null {
    const present = this.actions.get(id);
    return present?.state === state && present.nonce === nonce ? present : null;
  }

  private put(action: MemoryAction): MemoryAction {
    for (const { hash } of action.transactions)
      if (!this.everKept.includes(toHex(hash))) this.everKept.push(toHex(hash));
    this.actions.set(action.id, action);
    return action;
  }
}

function failureOf(change: ActionChange): string | null {
  if (change.to === "refused") return `${change.code}: ${change.detail}`;
  return change.to === "broadcast" && change.dropped ? "DROPPED" : null;
}
