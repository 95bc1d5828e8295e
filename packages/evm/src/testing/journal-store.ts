import { equalBytes, toHex } from "@tallystick/protocol";
import type { ActionChange, SenderStore, Signed } from "../sender/sender-store.ts";
import type { MemoryAction } from "./memory-sender-store.ts";

/** A call as the application plans it; the journal keeps nothing of it before its first bytes. */
export const draft: MemoryAction = {
  ...{ id: "", state: "planned", nonce: null, gas: null, nonceTaken: false, transactions: [] },
  call: { to: new Uint8Array(20).fill(3), data: Uint8Array.of(1, 2, 3, 4) },
  ...{ after: [], failure: null },
};

/**
 * The port as a journal has it, in memory: an action is kept together with its first bytes, goes by
 * their hash, and is one that was sent whenever it is read. One caller at a time begins one. The
 * application ends actions, and decides what becomes of one whose nonce is lost.
 */
export class JournalStore implements SenderStore<MemoryAction> {
  private readonly actions = new Map<string, MemoryAction>();

  all(): readonly MemoryAction[] {
    return [...this.actions.values()];
  }

  load(id: string): Promise<MemoryAction | null> {
    return Promise.resolve(this.actions.get(id) ?? null);
  }

  reasonToWait(): Promise<null> {
    return Promise.resolve(null);
  }

  nonceSource(): Promise<"pending"> {
    return Promise.resolve("pending");
  }

  reserve(
    action: MemoryAction,
    { gas, chainNonce }: { readonly gas: bigint; readonly chainNonce: bigint | null },
  ): Promise<MemoryAction> {
    const open = this.all().map(({ nonce }) => (nonce ?? -1n) + 1n);
    const nonce = open.reduce((highest, next) => (next > highest ? next : highest), chainNonce ?? 0n);
    return Promise.resolve({ ...action, state: "reserved", gas, nonce });
  }

  async keepFirst(action: MemoryAction, signed: Signed, at: number): Promise<MemoryAction> {
    const transactions = [{ ...signed, storedAt: at, sentAt: null }];
    const kept: MemoryAction = { ...action, id: toHex(signed.hash), transactions };
    this.actions.set(kept.id, { ...kept, state: "broadcast" });
    return { ...kept, state: "signed" };
  }

  keepReplacement(action: MemoryAction, signed: Signed, at: number): Promise<MemoryAction | null> {
    const present = this.actions.get(action.id);
    const newest = action.transactions.at(-1)?.hash ?? new Uint8Array();
    if (present === undefined || !equalBytes(present.transactions.at(-1)?.hash ?? new Uint8Array(), newest))
      return Promise.resolve(null);
    const transactions = [...present.transactions, { ...signed, storedAt: at, sentAt: null }];
    return Promise.resolve(this.keep({ ...present, transactions }));
  }

  markSent(action: MemoryAction): Promise<MemoryAction> {
    return Promise.resolve(action);
  }

  move(action: MemoryAction, { to }: ActionChange): Promise<MemoryAction> {
    return Promise.resolve({ ...action, state: to });
  }

  suspectNonce(action: MemoryAction, taken: boolean): Promise<MemoryAction> {
    return Promise.resolve(this.keep({ ...action, nonceTaken: taken }));
  }

  giveUpNonce(action: MemoryAction): Promise<MemoryAction> {
    return Promise.resolve(action);
  }

  private keep(action: MemoryAction): MemoryAction {
    this.actions.set(action.id, action);
    return action;
  }
}
