import { isZero, toHex } from "@tallystick/protocol";
import { WINDOW_COUNTERS } from "../limits.ts";
import { type PayloadGroup, readPayloadParts } from "../payload/payload-items.ts";
import type { SimulatedItem, SimulatedSettlement } from "./simulate-settle.ts";
import type { VaultState } from "../state/vault-state.ts";

/** A storage word: its first reading, any later one, its first change, and that from zero (EIP-2929, EIP-2200). */
const COLD = 2_100;
const WARM = 100;
const CHANGED = 2_900;
const CREATED = 20_000;

/** The precompiles with the calls that reach them: SHA-256 of the 82 bytes of M, and ecrecover. */
const HASHED = 100 + 60 + 12 * 3;
const RECOVERED = 100 + 3_000;

/** With a balance or a paid total from here on plain code settles a card's groups (`PackedVault.LARGE`). */
const LARGE = 1n << 47n;

/** Words of memory below the table of payees, for the two structs, and for what event and answer hold besides the bitmap. */
const FIXED_WORDS = 48;
/** The event: two topics and seven words besides the bitmap. */
const EVENT = 3 * 375 + 8 * 7 * 32;
/** A word of the bitmap: in the event, and its way through three places. */
const BITMAP_WORD = 8 * 32 + 150;

/**
 * The ways through the packed vault's code.
 * - `call`: dispatch, layout, event, answer. `payee`: an entry of the table. `credit`: one that earned something.
 * - `group`, `item`: in the hot loop, base raised, with the look at an item at which the loop stops.
 * - `plainGroup`: what plain code settles, from the first bad, late or far item on, and the way back into the hot loop. `readGroup`: its head, where the hot loop did
 *   not read it. `countedGroup`: one that plain code counts past, to know which item it is at.
 * - Each item in plain code is one of these: `uncovered` by its card, `used`, `behind` its card's base or `ahead` of it.
 * - `signature`: M and who signed it. `late`, `mark`: a payment out of a gap word, or into the window.
 * - `look`, `slide`: one step of the window, looked at or taken, with its gap word.
 */
export type CodeWay =
  | "call"
  | "payee"
  | "credit"
  | "group"
  | "item"
  | "plainGroup"
  | "readGroup"
  | "countedGroup"
  | "uncovered"
  | "used"
  | "behind"
  | "ahead"
  | "signature"
  | "late"
  | "mark"
  | "look"
  | "slide";

/** What settling a payload uses besides the code's own work, and how often it takes each of the code's ways. */
export interface SettleWork {
  /** Gas of storage, precompiles, memory and event. */
  readonly known: number;
  readonly ways: ReadonlyMap<CodeWay, number>;
}

/** Follows the packed vault through a payload, item by item, with the storage that it finds and leaves. */
export function settleWork(payload: Uint8Array, simulated: SimulatedSettlement, before: VaultState): SettleWork {
  const { payees, groups } = readPayloadParts(payload);
  const walk = new Walk(before, !payees.some(isZero));
  walk.take("call");
  walk.take("payee", payees.length);
  let items = 0;
  for (const group of groups) {
    walk.settle(group, simulated.items.slice(items, items + group.items.length));
    items += group.items.length;
  }
  walk.credit(payees);
  const known = walk.gas + EVENT + memoryGas({ payload: payload.length, payees: payees.length, items });
  return { known, ways: walk.ways };
}

/** Where plain code cannot tell what it will do without the contract's own base, the dearer way is counted. */
class Walk {
  gas = 0;
  readonly ways = new Map<CodeWay, number>();
  private readonly before: VaultState;
  private readonly state: VaultState;
  /** No payee is zero: the hot loop is entered. */
  private readonly hot: boolean;
  private readonly owed = new Set<number>();
  private readonly wordsRead = new Set<string>();
  private readonly wordsChanged = new Set<string>();
  /** Whole groups that plain code has not counted yet. */
  private uncounted = 0;

  constructor(before: VaultState, hot: boolean) {
    this.before = before;
    this.state = before.fork();
    this.hot = hot;
  }

  take(way: CodeWay, times = 1): void {
    this.ways.set(way, (this.ways.get(way) ?? 0) + times);
  }

  settle(group: PayloadGroup, items: readonly SimulatedItem[]): void {
    const card = toHex(group.card);
    this.read(card);
    const paid = items.some(({ skipped }) => skipped === null);
    if (paid) this.owed.add(group.payeeIndex);
    const plainFrom = this.hot ? this.settleHot(group, items) : 0;
    if (plainFrom < items.length) {
      this.take("plainGroup");
      if (!this.hot) this.take("readGroup");
      this.take("countedGroup", this.uncounted);
      this.uncounted = 0;
      this.read(card);
      for (const item of items.slice(plainFrom)) this.settlePlain(item);
    }
    this.uncounted += 1;
    // The hot loop may have raised base although no item is paid.
    if (paid || this.hot) this.change(card, true);
  }

  /** Answers the first item that is left to plain code. */
  private settleHot(group: PayloadGroup, items: readonly SimulatedItem[]): number {
    this.take("group");
    const card = this.state.card(group.card);
    if (card !== undefined && (card.balance >= LARGE || card.paid >= LARGE)) return 0;
    const highest = (card?.counters.lowestBase() ?? 0) + WINDOW_COUNTERS;
    const stop = items.findIndex(({ item, skipped, late }) => skipped !== null || late || item.counter > highest);
    const hot = stop < 0 ? items : items.slice(0, stop);
    for (const { item } of hot) this.state.pay(item);
    const looked = Math.min(hot.length + 1, items.length);
    this.take("item", looked);
    this.gas += looked * (HASHED + RECOVERED);
    return hot.length;
  }

  private settlePlain({ item, skipped }: SimulatedItem): void {
    if (skipped === "ZERO_AMOUNT" || skipped === "BALANCE_TOO_LOW" || skipped === "PAID_OVERFLOW") {
      this.take("uncovered");
      return;
    }
    const card = toHex(item.card);
    const counters = this.state.card(item.card)?.counters;
    const gap = `${card} ${Math.floor(item.counter / 256)}`;
    const behind = counters === undefined || counters.isBehind(item.counter);
    if (behind) this.read(gap);
    if (skipped === "COUNTER_USED") return this.take("used");
    this.take(behind ? "behind" : "ahead");
    if (skipped === "ZERO_COUNTER") return;
    const path = behind ? { steps: 0, words: [] } : counters.pathTo(item.counter);
    this.take("look", path.steps);
    if (skipped === "ADVANCE_NEEDED") return;
    this.take("signature");
    this.gas += HASHED;
    if (skipped === "ZERO_PAYEE") return;
    this.gas += RECOVERED;
    if (skipped === "WRONG_SIGNATURE") return;
    if (behind) this.writeGap(gap, true);
    for (const word of path.words) this.writeGap(`${card} ${word}`, counters?.hasGapWord(word) ?? false);
    this.take("slide", path.steps);
    this.take(behind ? "late" : "mark");
    this.state.pay(item);
  }

  credit(payees: readonly Uint8Array[]): void {
    this.take("credit", this.owed.size);
    for (const index of this.owed) {
      const payee = payees[index] ?? new Uint8Array(20);
      const word = `merchant ${toHex(payee)}`;
      this.read(word);
      this.change(word, this.before.merchant(payee).earned > 0n);
    }
  }

  private writeGap(word: string, stands: boolean): void {
    this.read(word);
    this.change(word, stands);
  }

  private read(word: string): void {
    this.gas += this.wordsRead.has(word) ? WARM : COLD;
    this.wordsRead.add(word);
  }

  private change(word: string, stands: boolean): void {
    this.gas += this.wordsChanged.has(word) ? WARM : stands ? CHANGED : CREATED;
    this.wordsChanged.add(word);
  }
}

/** What is laid out in memory: the table, the bitmap, the payload for its hash, the event and the answer, as if none shared a place. */
function memoryGas(size: { readonly payload: number; readonly payees: number; readonly items: number }): number {
  const payload = Math.ceil(size.payload / 32);
  const bitmap = Math.ceil(size.items / 256);
  const words = FIXED_WORDS + size.payees + payload + 3 * (bitmap + 1);
  // 3 a word for the payload's copy and 6 for its hash; memory itself by its formula.
  return 9 * payload + bitmap * BITMAP_WORD + 3 * words + Math.floor((words * words) / 512);
}
