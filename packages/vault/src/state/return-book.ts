import { toHex } from "@tallystick/protocol";

/** What a payee's delegate may give back in a day, and what it gave back on that day; units, days since 1970. */
export interface DelegateAccount {
  unitsPerDay: bigint;
  used: bigint;
  day: number;
}

/** A return book as plain data, for keeping; addresses and voucher ids are 0x hex. */
export interface SavedReturnBook {
  readonly delegates: readonly (readonly [string, { unitsPerDay: string; used: string; day: number }])[];
  readonly reserves: readonly (readonly [string, string])[];
  readonly returned: readonly (readonly [string, string])[];
}

/** Whose delegate. */
interface DelegateOf {
  readonly payee: Uint8Array;
  readonly delegate: Uint8Array;
}

const NONE: Readonly<DelegateAccount> = { unitsPerDay: 0n, used: 0n, day: 0 };

/**
 * Delegates with their sums of the day, reserves, and what was given back of each voucher (spec §7.11). A fork reads through
 * to the book that it was made of.
 */
export class ReturnBook {
  private readonly delegates = new Map<string, DelegateAccount>();
  private readonly reserves = new Map<string, bigint>();
  private readonly sums = new Map<string, bigint>();
  private readonly origin: ReturnBook | null;

  constructor(origin: ReturnBook | null = null) {
    this.origin = origin;
  }

  fork(): ReturnBook {
    return new ReturnBook(this);
  }

  /** What was set for the delegate, and used on the day that it was last at work. */
  delegate(of: DelegateOf): Readonly<DelegateAccount> {
    return this.findDelegate(keyOf(of)) ?? NONE;
  }

  /** Units that the delegate gave back on a day. */
  usedOn(of: DelegateOf, day: number): bigint {
    const account = this.delegate(of);
    return account.day === day ? account.used : 0n;
  }

  /** What `withdraw` by others leaves of a payee's earnings, units. */
  reserve(payee: Uint8Array): bigint {
    return this.findReserve(toHex(payee)) ?? 0n;
  }

  /** Units of a voucher that were given back, as far as the vault knows the voucher. */
  returned(voucherId: Uint8Array): bigint {
    return this.findSum(toHex(voucherId)) ?? 0n;
  }

  setDelegate(of: DelegateOf, unitsPerDay: bigint): void {
    this.delegates.set(keyOf(of), { ...this.delegate(of), unitsPerDay });
  }

  setReserve(payee: Uint8Array, units: bigint): void {
    this.reserves.set(toHex(payee), units);
  }

  /** Takes in what a delegate gave back of a voucher, or with no delegate the payee itself. */
  giveBack(given: {
    readonly payee: Uint8Array;
    readonly delegate: Uint8Array | null;
    readonly voucherId: Uint8Array;
    readonly units: bigint;
    readonly day: number;
  }): void {
    const { payee, delegate, voucherId, units, day } = given;
    this.sums.set(toHex(voucherId), this.returned(voucherId) + units);
    if (delegate === null) return;
    const of = { payee, delegate };
    const { unitsPerDay } = this.delegate(of);
    this.delegates.set(keyOf(of), { unitsPerDay, used: this.usedOn(of, day) + units, day });
  }

  /** All of it as plain data; JSON can hold it. */
  save(): SavedReturnBook {
    const base = this.origin?.save() ?? { delegates: [], reserves: [], returned: [] };
    const delegates = new Map(base.delegates);
    for (const [key, { unitsPerDay, used, day }] of this.delegates)
      delegates.set(key, { unitsPerDay: String(unitsPerDay), used: String(used), day });
    const reserves = new Map(base.reserves);
    for (const [key, units] of this.reserves) reserves.set(key, String(units));
    const returned = new Map(base.returned);
    for (const [key, units] of this.sums) returned.set(key, String(units));
    return { delegates: [...delegates], reserves: [...reserves], returned: [...returned] };
  }

  static restore(saved: SavedReturnBook): ReturnBook {
    const book = new ReturnBook();
    for (const [key, { unitsPerDay, used, day }] of saved.delegates)
      book.delegates.set(key, { unitsPerDay: BigInt(unitsPerDay), used: BigInt(used), day });
    for (const [key, units] of saved.reserves) book.reserves.set(key, BigInt(units));
    for (const [key, units] of saved.returned) book.sums.set(key, BigInt(units));
    return book;
  }

  private findDelegate(key: string): DelegateAccount | undefined {
    return this.delegates.get(key) ?? this.origin?.findDelegate(key);
  }

  private findReserve(key: string): bigint | undefined {
    return this.reserves.get(key) ?? this.origin?.findReserve(key);
  }

  private findSum(key: string): bigint | undefined {
    return this.sums.get(key) ?? this.origin?.findSum(key);
  }
}

function keyOf({ payee, delegate }: DelegateOf): string {
  return `${toHex(payee)} ${toHex(delegate)}`;
}
