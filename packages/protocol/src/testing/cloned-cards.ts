import * as protocol from "../index.ts";
import * as guarantee from "../guarantee/index.ts";
import { ClonedVault } from "./cloned-vault.ts";
import { counting, payee } from "./fixture.ts";
import { isBorne, type Known, unitsOf, verdictOf } from "./known-vouchers.ts";
import {
  DAY,
  type Duties,
  freshness,
  type Happening,
  type Held,
  HonestTerminal,
  type Message,
  type TerminalLimits,
} from "./honest-terminal.ts";

/** What an issuer grants to honest terminals (spec §6.12); each can be left out. */
export interface Concessions {
  readonly forgivesReversedRivals: boolean;
  readonly countsReceipts: boolean;
}

export const allConcessions: Concessions = Object.freeze({ forgivesReversedRivals: true, countsReceipts: true });

interface Clone {
  readonly card: number;
  counter: number;
  spent: bigint;
  head: Uint8Array;
}

interface ClonePlan {
  readonly limits: TerminalLimits;
  readonly maxSpent: bigint;
  readonly software: boolean;
}

const CARDS = [0, 1];
const block = counting(0, 32);
const unbounded = { bears: true, perCard: 1n << 40n, perPayeePerDay: 1n << 40n };

/** Two cards that are copied at will, the terminal under test, a rogue one, settlement and vault. */
export class ClonedCards {
  terminal: HonestTerminal;
  private now = 0;
  private offlineUntil = 0;
  private readonly clones: Clone[];
  private readonly rogue: Message[] = [];
  private readonly known = new Map<number, Known>();
  private readonly vault: ClonedVault;
  private readonly revokedAt = new Map<number, number>();
  private messages = 0;
  private readonly plan: ClonePlan;
  private readonly duties: Duties;
  private readonly concessions: Concessions;

  constructor(plan: ClonePlan, duties: Duties, concessions: Concessions) {
    this.plan = plan;
    this.duties = duties;
    this.concessions = concessions;
    this.terminal = new HonestTerminal({ ...plan, duties });
    this.clones = CARDS.map((card) => ({ card, counter: 0, spent: 0n, head: new Uint8Array(32) }));
    this.vault = new ClonedVault(CARDS, plan.maxSpent);
  }

  /** Lets everything happen and come to its end; answers what the terminal accepted and nobody owes it. */
  outOfPocket(happenings: readonly Happening[]): readonly Message[] {
    for (const happening of happenings) this.happen(happening);
    for (const held of this.terminal.held) this.terminal.resolve(held, this.now, { open: false, excess: false });
    this.offlineUntil = this.now;
    for (const list of [true, true, true]) {
      this.sync({ list, order: 0, parts: 1 });
      this.settle(true);
    }
    return this.terminal.held
      .filter(({ state, message }) => state === "accepted" && !this.isOwed(message))
      .map(({ message }) => message);
  }

  /** Paid by the vault or the issuer, withheld, or waiting for balance: then it is withheld after W. */
  private isOwed(message: Message): boolean {
    const state = this.known.get(message.id)?.state;
    if (state === "open") return !this.vault.card(message.card).used.has(message.observation.counter);
    return state !== undefined && state !== "disputed";
  }

  private happen(happening: Happening): void {
    switch (happening.kind) {
      case "tap":
        return this.tap(happening);
      case "clone":
        return void this.clones.push({ ...this.clone(happening.of) });
      case "rival":
        return this.rival(happening.amount);
      case "lie": {
        const clone = this.clone(happening.clone);
        clone.counter = Math.max(0, clone.counter + happening.counters);
        clone.spent = clone.spent + happening.spent < 0n ? 0n : clone.spent + happening.spent;
        return;
      }
      case "return": {
        const torn = this.terminal.held.filter(({ state }) => state === "unresolved");
        const held = torn[happening.which % Math.max(1, torn.length)];
        if (held === undefined) return;
        this.terminal.resolve(held, this.now, { open: happening.open, excess: this.exceeds(held.message) });
        return this.uploadInTime(this.now);
      }
      case "undo":
        return this.undo(this.terminal.held[happening.which % Math.max(1, this.terminal.held.length)]);
      case "wait":
        this.uploadInTime(this.now + happening.seconds);
        this.now += happening.seconds;
        return;
      case "blackout":
        this.offlineUntil = this.now + 7 * DAY;
        return;
      case "restart":
        this.terminal = new HonestTerminal({ ...this.plan, duties: this.duties }, this.terminal);
        return;
      case "sync":
        return this.now < this.offlineUntil ? undefined : this.sync(happening);
      case "rogueUpload":
        for (const message of this.rogue) this.receive(message, false);
        return;
      case "settle":
        return this.settle(happening.rogueFirst);
      case "restore":
        for (const known of this.known.values()) {
          known.receipts.push(known.receivedAt);
          known.receivedAt = this.now;
        }
    }
  }

  private clone(index: number): Clone {
    return this.clones[index % this.clones.length] as Clone;
  }

  private tap({ at, clone: index, amount, torn }: Happening & { readonly kind: "tap" }): void {
    const clone = this.clone(index);
    if (at === "honest" && !this.terminal.asks(clone.card, amount, this.now)) return;
    const messageHash = this.nextHash();
    const observation = {
      ...{ counter: clone.counter + 1, amount, spent: clone.spent + amount, allowanceSeq: 1, link: clone.head },
      messageHash,
    };
    const message: Message = { id: this.messages, card: clone.card, observation, time: this.now, by: at };
    Object.assign(clone, { counter: observation.counter, spent: observation.spent, head: messageHash });
    if (at === "rogue") this.rogue.push(message);
    else this.terminal.take(message, { torn, excess: this.exceeds(message) });
  }

  private rival(amount: bigint): void {
    const last = this.terminal.held.at(-1)?.message;
    if (last === undefined) return;
    const { counter, link, spent, amount: paid } = last.observation;
    const messageHash = this.nextHash();
    const observation = { counter, amount, spent: spent - paid + amount, allowanceSeq: 1, link, messageHash };
    const message: Message = { id: this.messages, card: last.card, observation, time: this.now, by: "rogue" };
    this.rogue.push(message);
    this.pay({ message, state: "open" });
  }

  /** The hash of a message that nobody signed before. */
  private nextHash(): Uint8Array {
    this.messages += 1;
    return protocol.digestOf(Uint8Array.of(this.messages >> 8, this.messages & 0xff));
  }

  private exceeds({ observation: { spent } }: Message): boolean {
    return spent > this.plan.maxSpent;
  }

  /** A reversal before the vault paid, a refund afterwards. */
  private undo(held: Held | undefined): void {
    if (held?.state !== "accepted") return;
    const state = this.known.get(held.message.id)?.state ?? "open";
    if (state === "paid") {
      held.state = "refunded";
      this.vault.card(held.message.card).balance += held.message.observation.amount;
    } else if (state === "open") this.terminal.reverse(held);
  }

  /** A terminal uploads within U: at the latest when its oldest voucher is U old, also in a blackout. */
  private uploadInTime(until: number): void {
    const accepted = this.terminal.unsent().filter(({ state }) => state === "accepted");
    const deadline = Math.min(...accepted.map(({ message }) => message.time)) + freshness.uploadWindowSeconds;
    if (!this.duties.uploadsWithinU || deadline > until) return;
    this.now = Math.max(this.now, deadline);
    this.upload({ order: 0, parts: 1 });
  }

  private sync({ list, order, parts }: { list: boolean; order: number; parts: number }): void {
    this.upload({ order, parts });
    this.terminal.learn({
      list: list ? { asOf: this.now, revoked: new Set(this.revokedAt.keys()) } : null,
      outcome: (message) => {
        const { state, reversed } = this.known.get(message.id) ?? { state: "open", reversed: false };
        if (state === "paid" || state === "compensated") return state;
        if (reversed) return "reversed";
        return this.vault.card(message.card).flagged ? "forked" : "open";
      },
    });
  }

  /** Everything that waits, in any order and any number of uploads, with settlement at work between them. */
  private upload({ order, parts }: { order: number; parts: number }): void {
    const late = this.terminal.held.filter(
      ({ state, delivery, reversalSent }) => state === "reversed" && delivery === "taken" && !reversalSent,
    );
    const unsent = this.terminal.unsent();
    const turned = unsent.map((_, index) => unsent[(index + order) % unsent.length] as Held);
    for (let part = 0; part < parts; part += 1) {
      for (const held of turned.filter((_, index) => index % parts === part)) {
        const { reversed } = this.terminal.sent(held);
        this.receive(held.message, reversed);
      }
      if (parts > 1) this.settle(order % 2 === 0);
    }
    for (const held of late) this.receive(held.message, this.terminal.sent(held).reversed);
  }

  private receive(message: Message, reversed: boolean): void {
    const known = this.known.get(message.id);
    if (known === undefined) {
      this.known.set(message.id, { message, receivedAt: this.now, receipts: [], reversed, state: "open" });
    } else known.reversed ||= reversed;
  }

  private settle(rogueFirst: boolean): void {
    const all = [...this.known.values()];
    const rogue = this.rogue.map((message) => this.known.get(message.id) ?? { message, state: "open" as const });
    const own = all.filter(({ message, reversed }) => message.by === "honest" && !reversed);
    for (const one of rogueFirst ? [...rogue, ...own] : [...own, ...rogue]) this.pay(one);
    for (const { message, reversed } of all) {
      if (reversed && this.terminal.releases(message)) this.vault.release(message);
    }
    for (const card of CARDS) this.convict(card);
    for (const one of all) if (one.message.by === "honest" && one.state === "open") this.decide(one, all);
  }

  private pay(one: { readonly message: Message; state: Known["state"] }): void {
    if (this.vault.pay(one.message) && one.state === "open") one.state = "paid";
  }

  /** By its own tables, and by what the vault was handed: all of the rogue's that used a counter. */
  private convict(card: number): void {
    const paid = this.rogue.filter((message) => this.vault.paid(message));
    const all = [...[...this.known.values()].map(({ message }) => message), ...paid].filter((m) => m.card === card);
    const contradicts = all.some((one) =>
      all.some((two) => one.id < two.id && protocol.pairFault(one.observation, two.observation) !== null),
    );
    if (!contradicts) return;
    this.vault.card(card).flagged = true;
    if (!this.revokedAt.has(card)) this.revokedAt.set(card, this.now);
  }

  private decide(one: Known, all: readonly Known[]): void {
    const { card, observation, time } = one.message;
    const { counter, amount } = observation;
    const slot = this.vault.card(card);
    const receipts = this.concessions.countsReceipts ? one.receipts : [];
    const at = guarantee.earliestArrival({ receivedAt: one.receivedAt, receipts, payloads: [] });
    const use = slot.used.get(counter) ?? { by: "nobody" };
    const view = { counter: { blockHash: block, seen: use }, card: { blockHash: block, seen: slot } };
    const awaited = { id: observation.messageHash, payee, amount, arrivedAt: at };
    const never = guarantee.neverPaid(awaited, view);
    if (never.because === "GIVEN_UP" && !one.reversed) one.state = "disputed";
    if (!never.never || one.reversed) return;
    const borne = all.filter(({ message, state }) => message.by === "honest" && isBorne(state));
    const ofCard = borne.filter(({ message }) => message.card === card);
    const rivals = all.filter(
      ({ message }) =>
        message.by === "honest" &&
        message.card === card &&
        message.observation.counter === counter &&
        message.id !== one.message.id,
    );
    const verdict = guarantee.judgeGuarantee({
      ...{ amount, time, assuranceClass: this.plan.software ? 2 : 0, reversed: false },
      verdict: verdictOf(one.message, this.exceeds(one.message)),
      arrival: { at, uploadWindowSeconds: freshness.uploadWindowSeconds },
      rivals: rivals.map(({ reversed, state }) => ({
        reversed: reversed && this.concessions.forgivesReversedRivals,
        borne: isBorne(state),
      })),
      ...{ revokedAt: this.revokedAt.get(card) ?? null, listAgeSeconds: freshness.listAgeSeconds },
      certificate: { ...this.plan.limits, withdrawnAt: null },
      largestMaxSpent: this.plan.maxSpent,
      before: {
        ...{ cardAtTerminal: unitsOf(ofCard), softwareAtTerminal: unitsOf(borne) },
        ...{ card: unitsOf(ofCard), payeeToday: unitsOf(borne) },
      },
      issuer: unbounded,
    });
    one.state = ({ guaranteed: "compensated", withheld: "withheld", notGuaranteed: "disputed" } as const)[
      verdict.state
    ];
  }
}
