import { equalBytes, toHex } from "@tallystick/protocol";
import type { SaleRecord } from "../../journal/sales/sale-store.ts";
import type { TapRecord } from "../../journal/payments/tap-record.ts";
import { SELECT_GRACE_MS } from "../../limits.ts";
import { type CardSession, type HeldCard, holdCard, openSession } from "../../reader/card-session.ts";
import { RemovalWatch } from "../../reader/removal-watch.ts";
import { BeaconCarrier } from "../beacon-carrier.ts";
import { type Chosen, chooseInstance } from "../choose-instance.ts";
import { certificateFault } from "../decision.ts";
import { LaneMemory } from "../memory/card-memory.ts";
import { recoverElsewhere } from "../recovery/other-instances.ts";
import { recover, type RecoveryParts } from "../recovery/recovery.ts";
import { turnAway } from "../refusals.ts";
import { isRepeated, openForSale } from "../sale-care.ts";
import { type CardWait, isOfCurrency, type Lent, type Sale, type TapRequest } from "../sale.ts";
import { TapError } from "../tap-error.ts";
import { isIntended } from "../tap-journal.ts";
import { type TapResult, viewOf } from "../tap-result.ts";
import { payWithUpdates } from "../update/pay-with-updates.ts";

/** What a tap came to, and the instance that is still held where it was paid. */
interface AtEnd {
  readonly result: TapResult;
  readonly chosen: Chosen | null;
}

/** Cards whose first instance cannot be read take turns together. */
const UNREADABLE = "unreadable";

/** For a card that came for the very sale. */
const SEEN_AWAY = { isGone: true, seenAway: () => undefined } as const;

/**
 * The taps of one lane, one at a time. What is written when is spec §5.1; what happens to a card that
 * comes back after a torn tap is spec §5.3; whether it may pay is the protocol package's `decideTap` and
 * `checkVoucher`.
 */
export class LaneTaps {
  readonly parts: RecoveryParts;
  private readonly beacons: BeaconCarrier;
  private readonly memory: LaneMemory;
  private readonly removal: RemovalWatch;
  /** The sale of which a card was asked last without paying: its next attempt may ask the same card. */
  private attempted: string | null = null;
  private busy = false;
  private asking = false;

  constructor(parts: RecoveryParts) {
    this.parts = parts;
    this.beacons = new BeaconCarrier(parts);
    this.memory = new LaneMemory(parts);
    this.removal = new RemovalWatch({ reader: parts.reader, isBusy: () => this.busy || this.isHolding });
  }

  get isBusy(): boolean {
    return this.busy;
  }

  /** Whether a card is being asked: the time for anything else is later. */
  get isAsking(): boolean {
    return this.asking;
  }

  /** Whether it holds the card of the last tap, which was answered: the reader is its own. */
  get isHolding(): boolean {
    return this.beacons.isCarrying;
  }

  /** Resolves when the card of the last tap has been let go. */
  async rest(): Promise<void> {
    await this.beacons.rest();
  }

  /** One tap; see TapEngine. */
  async tap(request: TapRequest): Promise<TapResult> {
    if (this.busy) throw inProgress();
    const { work, maintenance } = this.parts;
    this.busy = true;
    let taken: string | null = null;
    try {
      maintenance.tidy();
      const paid = this.alreadyPaid(request);
      if (paid !== null) return { ...viewOf(paid), resolved: [] };
      const sale = this.saleOf(request);
      if (!work.take(sale.saleId)) throw inProgress();
      taken = sale.saleId;
      await this.beacons.rest();
      return await this.run(this.takeUp(sale));
    } finally {
      if (taken !== null) work.leave(taken);
      this.busy = false;
    }
  }

  /** Lends the card on the reader to other work than a payment; see TapEngine. */
  async lend<T>({ waitMs, signal }: CardWait, work: (session: CardSession) => Promise<T>): Promise<Lent<T>> {
    if (this.busy) throw inProgress();
    this.busy = true;
    try {
      await this.beacons.rest();
      const { config, reader, elapsed, sleep, work: turns } = this.parts;
      const { memory } = this;
      const wait = { waitMs: waitMs ?? config.cardWaitSeconds * 1_000, elapsed, sleep, memory };
      const opened = await openSession(reader, { ...wait, ...(signal === undefined ? {} : { signal }) });
      if (!opened.ok) return opened;
      this.asking = true;
      try {
        return { ok: true, value: await turns.alone(nameOf(opened.session), () => work(opened.session)) };
      } finally {
        this.asking = false;
        await opened.session.end();
        void this.removal.begin();
      }
    } finally {
      this.busy = false;
    }
  }

  private alreadyPaid(request: TapRequest): TapRecord | null {
    if (request.saleId === null) return null;
    const { sales, taps } = this.parts.journal;
    const sale = sales.byId(request.saleId);
    const known = taps.bySale(request.saleId);
    const isOther =
      (sale !== null && (sale.amount !== request.amount || !isInCurrency(sale, request))) ||
      (known !== null && (known.amount !== request.amount || !isOfCurrency(known, request)));
    if (isOther) {
      throw new TapError(
        "SALE_AMOUNT_DIFFERS",
        "This sale began with another amount or currency; give the new sale an id of its own.",
      );
    }
    return known?.state === "accepted" ? known : null;
  }

  /** An open sale goes on at whatever lane it is asked for; without an id it is the one of this lane. */
  private saleOf(request: TapRequest): Sale {
    const { journal, lane, newId } = this.parts;
    const { saleId } = request;
    const open = saleId === null ? journal.taps.openSale(lane) : journal.taps.openOf(saleId);
    const continues = open !== null && open.amount === request.amount && isOfCurrency(open, request);
    if (continues && isIntended(open)) return { request, saleId: open.saleId, open };
    return { request, saleId: saleId ?? newId(), open: null };
  }

  /** A sale that another lane left open is this lane's now; what was open here goes on nowhere. */
  private takeUp(sale: Sale): Sale {
    const { journal, lane, clock } = this.parts;
    const { open } = sale;
    if (open === null || open.lane === lane) return sale;
    journal.write(() => {
      const here = journal.taps.openSale(lane);
      if (here !== null) journal.taps.closeSale(here, clock.now());
      journal.taps.move(open, lane, clock.now());
    });
    return { ...sale, open: { ...open, lane } };
  }

  private async run(sale: Sale): Promise<TapResult> {
    const { parts } = this;
    const { clock, config, reader, elapsed, sleep, work } = parts;
    sale.request.sale?.onPhase("waiting");
    if (parts.journal.uploads.hasForgotten()) return turnAway(parts, sale, "JOURNAL_FORGOTTEN");
    const clockFaults = sale.request.domains.map(({ served }) => clock.of(served.domainBytes).fault());
    const [clockFault] = clockFaults;
    if (clockFault != null && !clockFaults.includes(null)) return turnAway(parts, sale, clockFault);
    const fault = certificateFault(parts, sale.request.domains);
    // The card of a torn tap can still show what it paid; a new PAY is refused by the decision.
    if (fault !== null && (sale.open === null || fault === "CERTIFICATE_MISSING")) return turnAway(parts, sale, fault);
    const { signal } = sale.request;
    const waitMs = sale.request.waitMs ?? config.cardWaitSeconds * 1_000;
    const cameForThis = this.attempted === sale.saleId;
    const opened = await openForSale(parts, sale, cameForThis ? SEEN_AWAY : this.removal, {
      waitMs,
      elapsed,
      sleep,
      memory: this.memory,
      ...(signal === undefined ? {} : { signal }),
    });
    if (!opened.ok) return turnAway(parts, sale, opened.code);
    sale.request.sale?.onPhase("card-seen");
    const again = { waitMs: SELECT_GRACE_MS, elapsed, sleep };
    const held = holdCard(opened.session, reader, again);
    const card = nameOf(opened.session);
    return await this.withSession(sale, held, () => work.alone(card, () => this.withCard(sale, held)));
  }

  /**
   * The card is let go after the answer, because it may still exchange beacons with the terminal
   * (spec §3.5).
   */
  private async withSession({ saleId }: Sale, held: HeldCard, pay: () => Promise<AtEnd>): Promise<TapResult> {
    let paidWith: Chosen | null = null;
    this.asking = true;
    try {
      const { result, chosen } = await pay();
      if (result.outcome === "accepted") paidWith = chosen;
      return result;
    } finally {
      this.asking = false;
      if (paidWith === null) await held.session.end();
      else this.beacons.afterTap(held.session, paidWith);
      // Whatever a card came for, what was seen before says nothing of it.
      this.attempted = paidWith === null ? saleId : null;
      void this.removal.begin();
    }
  }

  private async withCard(asked: Sale, held: HeldCard): Promise<AtEnd> {
    const { parts } = this;
    const { card } = held.session;
    // While its card was awaited, another lane may have met the card of its open tap.
    const known = parts.journal.taps.bySale(asked.saleId);
    if (known?.state === "accepted") return { result: { ...viewOf(known), resolved: [] }, chosen: null };
    const sale = this.asItIsNow(asked);
    const first = await chooseInstance(domainsOf(sale), card, held.session.first);
    const elsewhere = await recoverElsewhere(parts, sale, card, first);
    const { resolved: earlier, chosen } = elsewhere;
    if (elsewhere.end !== null) return { result: { ...elsewhere.end, resolved: earlier }, chosen: null };
    if ("code" in chosen) {
      const result = turnAway(parts, sale, chosen.code, { sw: chosen.sw, apdus: card.apdus });
      return { result: { ...result, resolved: earlier }, chosen: null };
    }
    if (sale.open !== null && !equalBytes(sale.open.cardKey, chosen.select.cardKey)) {
      const result = turnAway(parts, sale, "CARD_WRONG_CARD", { apdus: card.apdus });
      return { result: { ...result, resolved: earlier }, chosen: null };
    }
    if (isRepeated(parts, sale, chosen)) {
      const result = turnAway(parts, sale, "SALE_REPEATED", { apdus: card.apdus });
      return { result: { ...result, resolved: earlier }, chosen };
    }
    const here = await recover(parts, sale, { card, chosen });
    const resolved = [...earlier, ...here.resolved];
    const view = here.end ?? (await payWithUpdates(parts, this.beacons, sale, { held, chosen }));
    return { result: { ...view, resolved }, chosen };
  }

  /** A sale whose open tap another lane has closed begins anew. */
  private asItIsNow(sale: Sale): Sale {
    if (sale.open === null) return sale;
    const open = this.parts.journal.taps.byId(sale.open.id);
    const goesOn = open !== null && open.state === "unresolved" && open.saleOpen && isIntended(open);
    return { ...sale, open: goesOn ? open : null };
  }
}

/** An open sale continues with the instance that it began with; a new one may choose. */
function domainsOf({ open, request }: Sale): TapRequest["domains"] {
  if (open === null) return request.domains;
  return request.domains.filter(({ served }) => equalBytes(served.domainBytes, open.domainBytes));
}

function isInCurrency({ currency, decimals }: SaleRecord, { domains }: TapRequest): boolean {
  return domains.some(({ served: { asset } }) => asset.code === currency && asset.decimals === decimals);
}

/** Which card takes its turn. */
function nameOf({ first }: CardSession): string {
  return first.kind === "card" ? toHex(first.select.cardKey) : UNREADABLE;
}

function inProgress(): TapError {
  return new TapError("TAP_IN_PROGRESS", "This lane is already waiting for a card; end that first.");
}
