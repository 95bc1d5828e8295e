import type { Reader } from "@tallystick/apdu";
import {
  type CachedState,
  decideTap,
  encodePayRequest,
  equalBytes,
  type SelectAnswer,
  type TapDecision,
  toAddress,
  type VerifyDigest,
} from "@tallystick/protocol";
import type { TerminalClock } from "../clock/terminal-clock.ts";
import type { GatewayConfig } from "../config/gateway-config.ts";
import type { Journal } from "../journal/journal.ts";
import type { TapRecord } from "../journal/tap-record.ts";
import type { TapCard } from "../reader/tap-card.ts";
import type { StatusLists } from "../status-list/status-lists.ts";
import { type Chosen, chooseInstance } from "./choose-instance.ts";
import { type CardSession, openSession, type SessionOptions } from "./card-session.ts";
import { type IntendedRecord, isIntended, payStep, readBack } from "./pay-step.ts";
import type { DomainPolicy, Policies } from "./policy.ts";
import { type Satisfied, satisfyCard, type Wishes } from "./satisfy-card.ts";
import { TapUpkeep } from "./tap-upkeep.ts";
import { TapError } from "./tap-error.ts";
import { type TapCode, type TapResult, type TapView, viewOf } from "./tap-result.ts";

/** A request to take one payment. */
export interface TapRequest {
  /** Chosen by the till; a tap of the same sale is never paid twice. Null: the open sale of this amount, or a new one. */
  readonly saleId: string | null;
  /** Units, at least 1. */
  readonly amount: bigint;
  /** Domains of this sale's currency. */
  readonly domains: readonly DomainPolicy[];
  /** The holder's PIN, one digit a byte; used only where the card wants it, and never kept. */
  readonly pin?: Uint8Array | null;
  readonly waitMs: number;
  readonly signal?: AbortSignal;
}

export interface TapEngineParts {
  readonly config: Pick<GatewayConfig, "payee" | "terminalId" | "category">;
  readonly journal: Journal;
  readonly clock: TerminalClock;
  readonly lists: StatusLists;
  readonly policies: Policies;
  readonly reader: Reader;
  readonly verify: VerifyDigest;
  readonly randomBytes: (length: number) => Uint8Array;
  readonly newId: () => string;
  readonly elapsed: SessionOptions["elapsed"];
  readonly sleep: SessionOptions["sleep"];
}

/** A sale on its way through one tap. */
interface Sale {
  readonly request: TapRequest;
  readonly saleId: string;
  /** The tap that a torn attempt of this very sale left open. */
  readonly open: IntendedRecord | null;
}

/** A tap ready to be sent again; or why it never is; or what its card still wants. */
type Renewal = IntendedRecord | { readonly refusal: TapCode } | { readonly unmet: Satisfied & { readonly ok: false } };

/**
 * Takes payments, one at a time. What is written when is spec §5.1; what happens to a card that comes back after a torn
 * tap is spec §5.3; whether it may pay is the protocol package's `decideTap` and `checkVoucher`.
 */
export class TapEngine {
  private readonly parts: TapEngineParts;
  private readonly upkeep: TapUpkeep;
  private busy = false;

  constructor(parts: TapEngineParts) {
    this.parts = parts;
    this.upkeep = new TapUpkeep(parts);
  }

  get isBusy(): boolean {
    return this.busy;
  }

  /** After a start, before the first tap: what was left in between is unresolved. */
  recover(): void {
    this.upkeep.recover();
  }

  /** Between two taps: closes what has waited too long. Does nothing while a tap runs. */
  tidy(): void {
    if (!this.busy) this.upkeep.tidy();
  }

  /** Cancels a tap at the cashier's word; see TapUpkeep. Throws TapError, TAP_IN_PROGRESS while a tap runs. */
  cancel(id: string): TapView {
    if (this.busy) throw inProgress();
    return this.upkeep.cancel(id);
  }

  /**
   * One tap. Resolves with its durable outcome; throws TapError TAP_IN_PROGRESS while another one runs and
   * SALE_AMOUNT_DIFFERS when the sale is known with another amount.
   */
  async tap(request: TapRequest): Promise<TapResult> {
    if (this.busy) throw inProgress();
    this.busy = true;
    try {
      this.upkeep.tidy();
      const paid = this.alreadyPaid(request);
      if (paid !== null) return { ...viewOf(paid), resolved: [] };
      return await this.run(this.saleOf(request));
    } finally {
      this.busy = false;
    }
  }

  private alreadyPaid(request: TapRequest): TapRecord | null {
    if (request.saleId === null) return null;
    const known = this.parts.journal.taps.bySale(request.saleId);
    if (known === null) return null;
    if (known.amount !== request.amount || !isOfCurrency(known, request)) {
      throw new TapError(
        "SALE_AMOUNT_DIFFERS",
        "This sale was begun with another amount or currency; give the new sale an id of its own.",
      );
    }
    return known.state === "accepted" ? known : null;
  }

  private saleOf(request: TapRequest): Sale {
    const open = this.parts.journal.taps.openSale();
    const same = open !== null && open.amount === request.amount && isOfCurrency(open, request);
    const continues = same && (request.saleId === null || request.saleId === open.saleId);
    if (continues && isIntended(open)) return { request, saleId: open.saleId, open };
    return { request, saleId: request.saleId ?? this.parts.newId(), open: null };
  }

  private async run(sale: Sale): Promise<TapResult> {
    const { clock, reader, elapsed, sleep } = this.parts;
    const early =
      clock.confirmation() === null ? (clock.isBehindFloor() ? "CLOCK_BELOW_FLOOR" : "CLOCK_UNCONFIRMED") : null;
    if (early !== null) return this.turnAway(sale, early);
    if (sale.request.domains.every((domain) => domain.policy === null))
      return this.turnAway(sale, "CERTIFICATE_MISSING");
    const { waitMs, signal } = sale.request;
    const opened = await openSession(reader, { waitMs, elapsed, sleep, ...(signal === undefined ? {} : { signal }) });
    if (!opened.ok) return this.turnAway(sale, opened.code);
    try {
      return await this.withCard(sale, opened.session);
    } finally {
      await opened.session.end();
    }
  }

  private async withCard(sale: Sale, session: CardSession): Promise<TapResult> {
    const { card } = session;
    const chosen = await chooseInstance(sale.request.domains, card, session.first);
    if ("code" in chosen) return this.turnAway(sale, chosen.code, { sw: chosen.sw, apdus: card.apdus });
    if (sale.open !== null && !equalBytes(sale.open.cardKey, chosen.select.cardKey)) {
      return this.turnAway(sale, "CARD_WRONG_CARD", { apdus: card.apdus });
    }
    const { resolved, end } = await this.clearUp(sale, card, chosen);
    if (end !== null) return { ...end, resolved };
    return { ...(await this.pay(sale, card, chosen)), resolved };
  }

  /**
   * Clears up what this card left open (spec §5.3). `end` is the answer where that settles the sale itself or the card has
   * gone; null where the sale is still to be paid.
   */
  private async clearUp(
    sale: Sale,
    card: TapCard,
    chosen: Chosen,
  ): Promise<{ readonly resolved: readonly TapView[]; readonly end: TapView | null }> {
    const { journal, clock, policies } = this.parts;
    const { select, policy } = chosen;
    this.closeOther(sale);
    const resolved: TapView[] = [];
    for (const found of journal.taps.unresolvedOf(policy.served.domainBytes, select.cardKey)) {
      if (!isIntended(found)) continue;
      const own = sale.open !== null && found.id === sale.open.id;
      const reads = select.counter >= found.intent.counter;
      if (!reads && !own) {
        // Yesterday's torn tap must not debit today: it is never sent again, and the till gives its word on it (spec §5.3).
        resolved.push(this.upkeep.giveUp(found, "TAP_CANCELLED"));
        continue;
      }
      const tap = reads ? found : await this.renew(sale, found, card, chosen);
      if ("refusal" in tap) return { resolved, end: { ...this.upkeep.giveUp(found, tap.refusal), apdus: card.apdus } };
      if ("unmet" in tap)
        return { resolved, end: this.turnAway(sale, tap.unmet.code, { sw: tap.unmet.sw, apdus: card.apdus }) };
      const apdusBefore = own ? (reads ? chosen.apdus : card.apdus) : 0;
      const after = await payStep(journal, {
        card,
        tap,
        shownCounter: select.counter,
        apdusBefore,
        now: clock.now(),
        freshness: policies.freshness,
      });
      const view = { ...viewOf(after), apdus: apdusBefore + 1 };
      const nothing = after.code === "NOTHING_HAPPENED";
      if (own && !nothing) return { resolved, end: view };
      if (after.state !== "unresolved") resolved.push(view);
      // Another tap of this very sale, whose till had given it up, turns out to be paid: that is the answer.
      if (after.saleId === sale.saleId && after.state === "accepted") return { resolved, end: view };
      if (after.code === "TAP_TORN") return { resolved, end: this.turnAway(sale, "TAP_TORN", { apdus: card.apdus }) };
    }
    for (const tap of journal.taps.toReadBack(policy.served.domainBytes, select.cardKey)) {
      if (!isIntended(tap) || select.counter < tap.intent.counter) continue;
      if (!(await readBack(journal, { card, tap, shownCounter: select.counter, now: clock.now() }))) {
        return { resolved, end: this.turnAway(sale, "TAP_TORN", { apdus: card.apdus }) };
      }
    }
    return { resolved, end: null };
  }

  /** The SELECT below the intent's counter is journalled before PAY is sent again, and the decision is made anew. */
  private async renew(sale: Sale, tap: IntendedRecord, card: TapCard, chosen: Chosen): Promise<Renewal> {
    const { journal, clock } = this.parts;
    const { policy, select, bytes } = chosen;
    const decision = this.decide(policy, select, sale.request.amount, clock.now());
    // A card's counter never goes back, so one that shows less than it showed at the intent lies.
    const code = select.counter < tap.intent.counter - 1 ? "COUNTER_MISMATCH" : decision.ok ? null : decision.reason;
    if (code !== null) return { refusal: code };
    const satisfied = await satisfyCard(card, chosen, this.wishes(sale, tap.intent.request));
    if (!satisfied.ok) return { unmet: satisfied };
    const fresh = { selectAnswer: bytes, pinVerified: satisfied.pinVerified };
    journal.write(() => {
      journal.taps.renew(tap, fresh, clock.now());
    });
    return { ...tap, intent: { ...tap.intent, ...fresh } };
  }

  private wishes(sale: Sale, request: Uint8Array): Wishes {
    return { request, pin: sale.request.pin ?? null, randomBytes: this.parts.randomBytes };
  }

  private async pay(sale: Sale, card: TapCard, chosen: Chosen): Promise<TapView> {
    const { journal, clock, policies } = this.parts;
    const { policy, select } = chosen;
    const now = clock.now();
    const decision = this.decide(policy, select, sale.request.amount, now);
    if (!decision.ok) return this.refuse(sale, decision.reason, { chosen, apdus: chosen.apdus });
    const before = card.apdus;
    const request = this.requestFor(sale, select, now);
    const satisfied = await satisfyCard(card, chosen, this.wishes(sale, request));
    const apdusBefore = chosen.apdus + card.apdus - before;
    if (!satisfied.ok) return this.refuse(sale, satisfied.code, { chosen, sw: satisfied.sw, apdus: apdusBefore });
    const id = this.parts.newId();
    journal.write(() => {
      journal.knowledge.raiseClockFloor(now);
      journal.taps.intend({
        id,
        saleId: sale.saleId,
        domainBytes: policy.served.domainBytes,
        amount: sale.request.amount,
        cardKey: select.cardKey,
        intent: {
          selectAnswer: chosen.bytes,
          request,
          counter: select.counter + 1,
          requestTime: now,
          pinVerified: satisfied.pinVerified,
        },
        spentBefore: select.spent,
        now,
      });
    });
    const tap = journal.taps.byId(id);
    if (tap === null || !isIntended(tap)) throw new Error(`the intent of tap ${id} is not in the journal`);
    const after = await payStep(journal, {
      card,
      tap,
      shownCounter: select.counter,
      apdusBefore,
      now,
      freshness: policies.freshness,
    });
    return viewOf(after);
  }

  private decide(
    policy: DomainPolicy,
    select: SelectAnswer,
    amount: bigint,
    now: number,
  ): TapDecision | { ok: false; reason: "CERTIFICATE_MISSING" } {
    const { clock, lists, journal, verify } = this.parts;
    if (policy.policy === null) return { ok: false, reason: "CERTIFICATE_MISSING" };
    const state: CachedState = {
      clockConfirmed: clock.confirmation() !== null,
      clockFloor: clock.floor(),
      statusLists: lists.all(),
      unsent: journal.vouchers.unsent(policy.served.domainBytes),
    };
    return decideTap(policy.policy, state, select, amount, now, verify);
  }

  private requestFor(sale: Sale, select: SelectAnswer, now: number): Uint8Array {
    const { config, randomBytes } = this.parts;
    return encodePayRequest({
      cardTag: select.cardTag,
      counter: select.counter + 1,
      payee: toAddress(config.payee),
      amount: sale.request.amount,
      time: now,
      challenge: randomBytes(16),
      terminalId: config.terminalId,
      category: config.category,
    });
  }

  /** Another sale has begun, so the open one's PAY must not be sent below its counter any more. */
  private closeOther(sale: Sale): void {
    const { journal, clock } = this.parts;
    const open = journal.taps.openSale();
    if (open === null || open.id === sale.open?.id) return;
    journal.write(() => {
      journal.taps.closeSale(open, clock.now());
    });
  }

  /** An answer without PAY: a sale that a torn tap left open stays open, any other is refused. */
  private turnAway(
    sale: Sale,
    code: TapCode,
    facts: { readonly sw?: string | null; readonly apdus?: number } = {},
  ): TapResult {
    if (sale.open !== null) {
      return { ...viewOf({ ...sale.open, code }), sw: facts.sw ?? null, apdus: facts.apdus ?? 0, resolved: [] };
    }
    return {
      ...this.refuse(sale, code, { chosen: null, sw: facts.sw ?? null, apdus: facts.apdus ?? 0 }),
      resolved: [],
    };
  }

  private refuse(
    sale: Sale,
    code: TapCode,
    facts: { readonly chosen: Chosen | null; readonly sw?: string | null; readonly apdus: number },
  ): TapView {
    const { journal, clock, newId } = this.parts;
    const id = newId();
    const [first] = sale.request.domains;
    const served = facts.chosen?.policy ?? first;
    if (served === undefined) throw new RangeError("a sale needs a domain");
    journal.write(() => {
      journal.taps.refuse({
        id,
        saleId: sale.saleId,
        domainBytes: served.served.domainBytes,
        amount: sale.request.amount,
        cardKey: facts.chosen?.select.cardKey ?? null,
        code,
        sw: facts.sw ?? null,
        apdus: facts.apdus,
        spentBefore: facts.chosen?.select.spent ?? null,
        now: clock.now(),
      });
    });
    const tap = journal.taps.byId(id);
    if (tap === null) throw new Error(`tap ${id} has left the journal`);
    return viewOf(tap);
  }
}

/** Whether a tap was for the currency that is asked for now. */
function isOfCurrency(tap: TapRecord, request: TapRequest): boolean {
  return request.domains.some(({ served }) => equalBytes(served.domainBytes, tap.domainBytes));
}

function inProgress(): TapError {
  return new TapError("TAP_IN_PROGRESS", "The till is waiting for a card already; end that first.");
}
