import { toHex } from "@tallystick/protocol";
import { CounterBook, type SavedCounterBook } from "./counter-book.ts";
import type { VaultEvent } from "../events/vault-events.ts";
import { ReturnBook, type SavedReturnBook } from "./return-book.ts";

/** What the vault knows of a card; amounts in units. */
export interface CardAccount {
  balance: bigint;
  paid: bigint;
  flagged: boolean;
  /** 0x hex; null before the card is opened. */
  owner: string | null;
  pending: bigint;
  /** Seconds since 1970; 0 when no withdrawal is requested. */
  readyAt: bigint;
  counters: CounterBook;
}

/** What a merchant earned in all, and how much of it left or was given back; units. */
export interface MerchantAccount {
  earned: bigint;
  withdrawn: bigint;
}

/** The vault's state as plain data, for keeping. */
export interface SavedVaultState {
  readonly cards: readonly (readonly [
    string,
    {
      balance: string;
      paid: string;
      flagged: boolean;
      owner: string | null;
      pending: string;
      readyAt: string;
      counters: SavedCounterBook;
    },
  ])[];
  readonly merchants: readonly (readonly [string, { earned: string; withdrawn: string }])[];
  /** Left out where only cards and merchants are kept. */
  readonly returns?: SavedReturnBook;
}

/**
 * The vault's state, rebuilt from events and calldata or changed by a simulation. A fork reads through to the state it was
 * made of and copies only what it changes; do not change a state that has forks in use.
 */
export class VaultState {
  private readonly cards = new Map<string, CardAccount>();
  private readonly merchants = new Map<string, MerchantAccount>();
  private readonly origin: VaultState | null;
  /** Delegates, reserves, and what was given back. */
  readonly returns: ReturnBook;

  constructor(origin: VaultState | null = null, returns = origin?.returns.fork() ?? new ReturnBook()) {
    this.origin = origin;
    this.returns = returns;
  }

  fork(): VaultState {
    return new VaultState(this);
  }

  /** The card's account, or undefined when nothing is known of it. Do not change it. */
  card(card: Uint8Array): Readonly<CardAccount> | undefined {
    return this.findCard(toHex(card));
  }

  merchant(merchant: Uint8Array): Readonly<MerchantAccount> {
    return this.findMerchant(toHex(merchant)) ?? { earned: 0n, withdrawn: 0n };
  }

  /** Units that `withdraw` pays a merchant when somebody else calls it: what it earned, less its reserve (spec §7.11). */
  withdrawableByOthers(merchant: Uint8Array): bigint {
    const { earned, withdrawn } = this.merchant(merchant);
    const units = earned - withdrawn - this.returns.reserve(merchant);
    return units > 0n ? units : 0n;
  }

  /** The card's account to change. */
  editCard(card: Uint8Array): CardAccount {
    const key = toHex(card);
    const own = this.cards.get(key);
    if (own !== undefined) return own;
    const found = this.findCard(key);
    const account: CardAccount =
      found === undefined
        ? { balance: 0n, paid: 0n, flagged: false, owner: null, pending: 0n, readyAt: 0n, counters: new CounterBook() }
        : { ...found, counters: found.counters.copy() };
    this.cards.set(key, account);
    return account;
  }

  editMerchant(merchant: Uint8Array): MerchantAccount {
    const key = toHex(merchant);
    const own = this.merchants.get(key);
    if (own !== undefined) return own;
    const account = { ...(this.findMerchant(key) ?? { earned: 0n, withdrawn: 0n }) };
    this.merchants.set(key, account);
    return account;
  }

  /** Takes in one event, in the order of the chain. Of a settlement it takes in the items that were paid. */
  apply(event: VaultEvent): void {
    switch (event.kind) {
      case "opened":
        this.editCard(event.card).owner = toHex(event.owner);
        return;
      case "funded":
        this.editCard(event.card).balance += event.units;
        return;
      case "settled":
        for (const { item, paid } of event.items) if (paid) this.pay(item);
        return;
      case "withdrawn":
        this.editMerchant(event.merchant).withdrawn += event.units;
        return;
      case "refunded":
        this.editCard(event.card).balance += event.units;
        this.editMerchant(event.merchant).withdrawn += event.fromEarnings;
        return;
      case "released":
      case "voided":
        this.editCard(event.card).counters.mark(event.counter);
        return;
      case "advanced":
        this.editCard(event.card).counters.slide(event.base);
        return;
      case "withdrawalRequested":
        Object.assign(this.editCard(event.card), { pending: event.units, readyAt: event.readyAt });
        return;
      case "withdrawalCancelled":
        Object.assign(this.editCard(event.card), { pending: 0n, readyAt: 0n });
        return;
      case "cardWithdrawn": {
        const account = this.editCard(event.card);
        Object.assign(account, { balance: account.balance - event.units, pending: 0n, readyAt: 0n });
        return;
      }
      case "delegateSet":
        this.returns.setDelegate(event, event.unitsPerDay);
        return;
      case "reserveSet":
        this.returns.setReserve(event.payee, event.units);
        return;
      case "returned":
        this.returns.giveBack(event);
        return;
      case "voidRequested":
        return;
      case "equivocationProved":
        this.editCard(event.card).flagged = true;
        return;
    }
  }

  /** Moves a paid item's amount from its card to its payee and marks its counter. */
  pay(item: {
    readonly card: Uint8Array;
    readonly payee: Uint8Array;
    readonly counter: number;
    readonly amount: bigint;
  }): void {
    const account = this.editCard(item.card);
    account.counters.mark(item.counter);
    account.balance -= item.amount;
    account.paid += item.amount;
    this.editMerchant(item.payee).earned += item.amount;
  }

  /** All of it as plain data; JSON can hold it. */
  save(): SavedVaultState {
    const base: SavedVaultState = this.origin?.save() ?? { cards: [], merchants: [] };
    const cards = new Map(base.cards);
    for (const [key, { balance, paid, flagged, owner, pending, readyAt, counters }] of this.cards) {
      const amounts = {
        balance: String(balance),
        paid: String(paid),
        pending: String(pending),
        readyAt: String(readyAt),
      };
      cards.set(key, { ...amounts, flagged, owner, counters: counters.save() });
    }
    const merchants = new Map(base.merchants);
    for (const [key, { earned, withdrawn }] of this.merchants)
      merchants.set(key, { earned: String(earned), withdrawn: String(withdrawn) });
    return { cards: [...cards], merchants: [...merchants], returns: this.returns.save() };
  }

  static restore(saved: SavedVaultState): VaultState {
    const returns = saved.returns === undefined ? new ReturnBook() : ReturnBook.restore(saved.returns);
    const state = new VaultState(null, returns);
    for (const [key, { balance, paid, flagged, owner, pending, readyAt, counters }] of saved.cards) {
      const amounts = {
        balance: BigInt(balance),
        paid: BigInt(paid),
        pending: BigInt(pending),
        readyAt: BigInt(readyAt),
      };
      state.cards.set(key, { ...amounts, flagged, owner, counters: CounterBook.restore(counters) });
    }
    for (const [key, { earned, withdrawn }] of saved.merchants) {
      state.merchants.set(key, { earned: BigInt(earned), withdrawn: BigInt(withdrawn) });
    }
    return state;
  }

  private findCard(key: string): CardAccount | undefined {
    return this.cards.get(key) ?? this.origin?.findCard(key);
  }

  private findMerchant(key: string): MerchantAccount | undefined {
    return this.merchants.get(key) ?? this.origin?.findMerchant(key);
  }
}
