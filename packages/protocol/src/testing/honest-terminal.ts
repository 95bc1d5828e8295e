import fc from "fast-check";
import * as protocol from "../index.ts";

/** Times in seconds; a history starts at 0 with a list of that moment. */
export const DAY = 86_400;
export const freshness = protocol.defaultFreshness;

/** What an honest terminal does (spec §5.3 to §5.8); each can be left out, to show that it is needed. */
export interface Duties {
  readonly refusesConvicted: boolean;
  readonly keepsFreshList: boolean;
  readonly keepsCardSum: boolean;
  readonly keepsSoftwareSum: boolean;
  readonly keepsCaps: boolean;
  readonly comparesObservations: boolean;
  readonly reversesWhatItRefused: boolean;
  readonly uploadsReversalWithVoucher: boolean;
  readonly uploadsWithinU: boolean;
  readonly neverReleasesAcceptedCounters: boolean;
  readonly countsReversalsOnceReported: boolean;
}

export const allDuties: Duties = Object.freeze({
  refusesConvicted: true,
  keepsFreshList: true,
  keepsCardSum: true,
  keepsSoftwareSum: true,
  keepsCaps: true,
  comparesObservations: true,
  reversesWhatItRefused: true,
  uploadsReversalWithVoucher: true,
  uploadsWithinU: true,
  neverReleasesAcceptedCounters: true,
  countsReversalsOnceReported: true,
});

/** The limits of the terminal's certificate. */
export interface TerminalLimits {
  readonly perCardSum: bigint;
  readonly softwareSum: bigint;
}

/** A voucher as everybody here knows it. */
export interface Message {
  readonly id: number;
  readonly card: number;
  readonly observation: protocol.CardObservation;
  readonly time: number;
  /** The honest terminal's, or that of one who helps the clones. */
  readonly by: "honest" | "rogue";
}

/** What the terminal keeps of a payment. */
export interface Held {
  readonly message: Message;
  /** Torn: the terminal does not know yet whether the card paid. */
  state: "unresolved" | "accepted" | "reversed" | "refunded";
  delivery: "unsent" | "taken" | "final";
  reversalSent: boolean;
  compensated: boolean;
  /** It was uploaded before it was reversed, and settlement has not said yet that it knows. */
  reversalOpen: boolean;
}

/** What settlement tells a terminal that comes online. */
export interface Exchange {
  /** Null where only the upload was answered. */
  readonly list: { readonly asOf: number; readonly revoked: ReadonlySet<number> } | null;
  readonly outcome: (message: Message) => "open" | "paid" | "compensated" | "forked" | "reversed";
}

/** The rules of a terminal over its journal; a restart opens the journal anew. */
export class HonestTerminal {
  readonly held: readonly Held[];
  private readonly convicted: Set<number>;
  private list: { readonly asOf: number; readonly revoked: ReadonlySet<number> };
  private readonly duties: Duties;
  private readonly limits: TerminalLimits;
  private readonly software: boolean;

  constructor(
    { duties, limits, software }: { duties: Duties; limits: TerminalLimits; software: boolean },
    journal?: HonestTerminal,
  ) {
    this.duties = duties;
    this.limits = limits;
    this.software = software;
    this.held = structuredClone(journal?.held ?? []);
    this.convicted = new Set(journal?.convicted);
    this.list = journal?.list ?? { asOf: 0, revoked: new Set() };
  }

  /** Whether it asks this card for a payment (spec §5.4, 4, 5 and 7). */
  asks(card: number, amount: bigint, now: number): boolean {
    const { duties, limits } = this;
    if (duties.refusesConvicted && this.convicted.has(card)) return false;
    if (this.list.revoked.has(card)) return false;
    if (duties.keepsFreshList && !protocol.listIsFresh({ asOf: this.list.asOf, time: now, freshness })) return false;
    const open = this.held.filter((held) => this.isOpen(held));
    const ofCard = open.filter(({ message }) => message.card === card);
    if (duties.keepsCardSum && sumOf(ofCard) + amount > limits.perCardSum) return false;
    const borne = this.held.filter(({ compensated, delivery }) => compensated && delivery === "final");
    const software = sumOf(open) + sumOf(borne) + amount;
    if (this.software && duties.keepsSoftwareSum && software > limits.softwareSum) return false;
    const oldest = Math.min(now, ...this.unsent().map(timeOf));
    const { uploadWindowSeconds, unsentMarginSeconds } = freshness;
    return !duties.uploadsWithinU || now - oldest < uploadWindowSeconds - unsentMarginSeconds;
  }

  /** Judges what the card signed, or keeps a torn tap open (spec §5.3, §5.4, 8 to 10). */
  take(message: Message, { torn, excess }: { readonly torn: boolean; readonly excess: boolean }): void {
    const state = torn ? "unresolved" : this.judge(message, excess);
    const held: Held = {
      message,
      state,
      delivery: "unsent",
      reversalSent: false,
      compensated: false,
      reversalOpen: false,
    };
    (this.held as Held[]).push(held);
  }

  /** The card of a torn tap comes back: the sale goes on, or is over and the tap is reversed. */
  resolve(held: Held, now: number, { open, excess }: { readonly open: boolean; readonly excess: boolean }): void {
    if (held.state !== "unresolved") return;
    const inTime = protocol.withinUploadWindow({ madeAt: held.message.time, time: now, freshness });
    held.state = open && inTime ? this.judge(held.message, excess) : "reversed";
  }

  /** Vouchers that no upload has carried; an unresolved tap has none. */
  unsent(): readonly Held[] {
    return this.held.filter(({ state, delivery }) => state !== "unresolved" && delivery === "unsent");
  }

  /** The sale is undone before the vault paid it. */
  reverse(held: Held): void {
    held.state = "reversed";
    held.reversalOpen = held.delivery === "taken";
  }

  /** Whether it gives a counter up for a voucher that it reversed. */
  releases({ card, observation: { counter } }: Message): boolean {
    const accepted = this.held.some(
      ({ state, message }) => state === "accepted" && message.card === card && message.observation.counter === counter,
    );
    return !accepted || !this.duties.neverReleasesAcceptedCounters;
  }

  /** What goes with an upload of these: the signed message, and its reversal where there is one. */
  sent(held: Held): { readonly reversed: boolean } {
    const first = held.delivery === "unsent";
    held.delivery = "taken";
    const together = this.duties.uploadsReversalWithVoucher || !first;
    held.reversalSent = held.state === "reversed" && together;
    return { reversed: held.reversalSent };
  }

  learn({ list, outcome }: Exchange): void {
    if (list !== null) this.list = list;
    for (const held of this.held) {
      if (held.delivery !== "taken") continue;
      const what = outcome(held.message);
      if (what === "forked" || what === "compensated") this.convicted.add(held.message.card);
      if (what === "compensated") held.compensated = true;
      if (what === "reversed") held.reversalOpen = false;
      if (what === "paid" || what === "compensated") held.delivery = "final";
    }
  }

  /** Whether the issuer may yet have to bear it: then it counts against the certificate's sums. */
  private isOpen({ state, delivery, reversalOpen }: Held): boolean {
    if (delivery === "final") return false;
    return state === "accepted" || state === "unresolved" || (reversalOpen && this.duties.countsReversalsOnceReported);
  }

  private judge(message: Message, excess: boolean): "accepted" | "reversed" {
    const contradicts =
      protocol.selfFault(message.observation) !== null ||
      this.held.some(
        ({ message: earlier }) =>
          earlier.card === message.card &&
          earlier.id !== message.id &&
          protocol.pairFault(earlier.observation, message.observation) !== null,
      );
    if (contradicts && this.duties.comparesObservations) {
      this.convicted.add(message.card);
      return this.duties.reversesWhatItRefused ? "reversed" : "accepted";
    }
    return excess && this.duties.keepsCaps ? "reversed" : "accepted";
  }
}

function timeOf({ message }: Held): number {
  return message.time;
}

export function sumOf(held: readonly Held[]): bigint {
  return held.reduce((sum, { message }) => sum + message.observation.amount, 0n);
}

/** What happens to cards, terminal and vault, in order. */
export type Happening =
  | {
      readonly kind: "tap";
      readonly at: "honest" | "rogue";
      readonly clone: number;
      readonly amount: bigint;
      readonly torn: boolean;
    }
  | { readonly kind: "clone"; readonly of: number }
  /** A copy of the card that paid last pays the rogue with the same counter, and he claims it at once. */
  | { readonly kind: "rival"; readonly amount: bigint }
  | { readonly kind: "lie"; readonly clone: number; readonly counters: number; readonly spent: bigint }
  | { readonly kind: "return"; readonly which: number; readonly open: boolean }
  | { readonly kind: "undo"; readonly which: number }
  | { readonly kind: "wait"; readonly seconds: number }
  | { readonly kind: "blackout" }
  | { readonly kind: "restart" }
  | { readonly kind: "sync"; readonly list: boolean; readonly order: number; readonly parts: number }
  | { readonly kind: "rogueUpload" }
  | { readonly kind: "settle"; readonly rogueFirst: boolean }
  | { readonly kind: "restore" };

/** The limits of the cards and what happens to them. */
export interface History {
  readonly limits: TerminalLimits;
  readonly maxSpent: bigint;
  /** Whether its cards are of class 2. */
  readonly software: boolean;
  readonly happenings: readonly Happening[];
}

const amounts = fc.bigInt({ min: 1n, max: 30n });

/** Histories of one broken card's clones, an honest terminal and one that helps the clones. */
export const histories: fc.Arbitrary<History> = fc.record({
  limits: fc.record({ perCardSum: fc.bigInt({ min: 20n, max: 60n }), softwareSum: fc.bigInt({ min: 20n, max: 60n }) }),
  maxSpent: fc.bigInt({ min: 20n, max: 60n }),
  software: fc.constantFrom(false, false, true),
  happenings: fc.array(
    fc.oneof(
      {
        weight: 8,
        arbitrary: fc.record({
          kind: fc.constant("tap" as const),
          at: fc.constantFrom("honest" as const, "honest" as const, "rogue" as const),
          clone: fc.nat(3),
          amount: amounts,
          torn: fc.constantFrom(false, false, false, true),
        }),
      },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant("clone" as const), of: fc.nat(3) }) },
      { weight: 4, arbitrary: fc.record({ kind: fc.constant("rival" as const), amount: amounts }) },
      {
        weight: 1,
        arbitrary: fc.record({
          kind: fc.constant("lie" as const),
          clone: fc.nat(3),
          counters: fc.integer({ min: -1, max: 2 }),
          spent: fc.bigInt({ min: -5n, max: 30n }),
        }),
      },
      {
        weight: 2,
        arbitrary: fc.record({ kind: fc.constant("return" as const), which: fc.nat(5), open: fc.boolean() }),
      },
      { weight: 2, arbitrary: fc.record({ kind: fc.constant("undo" as const), which: fc.nat(5) }) },
      {
        weight: 3,
        arbitrary: fc.record({
          kind: fc.constant("wait" as const),
          seconds: fc.constantFrom(60, DAY, 3 * DAY, 7 * DAY, 8 * DAY),
        }),
      },
      { weight: 1, arbitrary: fc.constant({ kind: "blackout" as const }) },
      { weight: 1, arbitrary: fc.constant({ kind: "restart" as const }) },
      {
        weight: 4,
        arbitrary: fc.record({
          kind: fc.constant("sync" as const),
          list: fc.constantFrom(false, false, true),
          order: fc.nat(5),
          parts: fc.integer({ min: 1, max: 3 }),
        }),
      },
      { weight: 2, arbitrary: fc.constant({ kind: "rogueUpload" as const }) },
      { weight: 3, arbitrary: fc.record({ kind: fc.constant("settle" as const), rogueFirst: fc.boolean() }) },
      { weight: 1, arbitrary: fc.constant({ kind: "restore" as const }) },
    ),
    { minLength: 4, maxLength: 22 },
  ),
});
