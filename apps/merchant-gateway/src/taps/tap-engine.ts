import { equalBytes } from "@tallystick/protocol";
import type { SaleRecord } from "../journal/sales/sale-store.ts";
import type { TapRecord } from "../journal/payments/tap-record.ts";
import { BeaconCarrier } from "./beacon-carrier.ts";
import { type Chosen, chooseInstance } from "./choose-instance.ts";
import { SELECT_GRACE_MS } from "../limits.ts";
import { type HeldCard, holdCard } from "../reader/card-session.ts";
import { recoverElsewhere } from "./recovery/other-instances.ts";
import { recover, type RecoveryParts } from "./recovery/recovery.ts";
import { turnAway } from "./refusals.ts";
import { isRepeated, openForSale } from "./sale-care.ts";
import { isOfCurrency, type Sale, type TapEngineParts, type TapRequest } from "./sale.ts";
import { TapError } from "./tap-error.ts";
import { isIntended } from "./tap-journal.ts";
import { TapMaintenance } from "./tap-maintenance.ts";
import { type TapResult, type TapView, viewOf } from "./tap-result.ts";
import { payWithUpdates } from "./update/pay-with-updates.ts";

/**
 * Takes payments, one at a time. What is written when is spec §5.1; what happens to a card that
 * comes back after a torn tap is spec §5.3; whether it may pay is the protocol package's
 * `decideTap` and `checkVoucher`.
 */
export class TapEngine {
  private readonly parts: RecoveryParts;
  private readonly beacons: BeaconCarrier;
  private busy = false;

  constructor(parts: TapEngineParts) {
    this.parts = { ...parts, maintenance: new TapMaintenance(parts) };
    this.beacons = new BeaconCarrier(parts);
  }

  get isBusy(): boolean {
    return this.busy;
  }

  /** Whether it holds the card of the last tap, which was answered: the reader is its own. */
  get isHolding(): boolean {
    return this.beacons.isCarrying;
  }

  /** After a start, before the first tap: what was left in between is unresolved. */
  recover(): void {
    this.parts.maintenance.recover();
  }

  /** Between two taps: closes what has waited too long. Does nothing while a tap runs. */
  tidy(): void {
    if (!this.busy) this.parts.maintenance.tidy();
  }

  /**
   * Reverses a tap for the cashier; see TapMaintenance. Throws TapError, TAP_IN_PROGRESS while a
   * tap runs.
   */
  reverse(id: string): TapView {
    if (this.busy) throw inProgress();
    return this.parts.maintenance.reverse(id);
  }

  /**
   * Resolves when the card of the last tap has been let go: it may still carry a beacon after its
   * tap was answered.
   */
  async rest(): Promise<void> {
    await this.beacons.rest();
  }

  /**
   * One tap. Resolves with its durable outcome; throws TapError TAP_IN_PROGRESS while another one
   * runs and SALE_AMOUNT_DIFFERS when the sale is known with another amount.
   */
  async tap(request: TapRequest): Promise<TapResult> {
    if (this.busy) throw inProgress();
    this.busy = true;
    try {
      this.parts.maintenance.tidy();
      const paid = this.alreadyPaid(request);
      if (paid !== null) return { ...viewOf(paid), resolved: [] };
      await this.beacons.rest();
      return await this.run(this.saleOf(request));
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

  private saleOf(request: TapRequest): Sale {
    const open = this.parts.journal.taps.openSale();
    const same = open !== null && open.amount === request.amount && isOfCurrency(open, request);
    const continues = same && (request.saleId === null || request.saleId === open.saleId);
    if (continues && isIntended(open)) return { request, saleId: open.saleId, open };
    return { request, saleId: request.saleId ?? this.parts.newId(), open: null };
  }

  private async run(sale: Sale): Promise<TapResult> {
    const { parts } = this;
    const { clock, config, reader, elapsed, sleep } = parts;
    sale.request.sale?.onPhase("waiting");
    if (parts.journal.uploads.hasForgotten()) return turnAway(parts, sale, "JOURNAL_FORGOTTEN");
    const clockFaults = sale.request.domains.map(({ served }) => clock.of(served.domainBytes).fault());
    const [clockFault] = clockFaults;
    if (clockFault != null && !clockFaults.includes(null)) return turnAway(parts, sale, clockFault);
    if (sale.request.domains.every((domain) => domain.policy === null))
      return turnAway(parts, sale, "CERTIFICATE_MISSING");
    const { signal } = sale.request;
    const waitMs = sale.request.waitMs ?? config.cardWaitSeconds * 1_000;
    const opened = await openForSale(parts, sale, {
      waitMs,
      elapsed,
      sleep,
      ...(signal === undefined ? {} : { signal }),
    });
    if (!opened.ok) return turnAway(parts, sale, opened.code);
    sale.request.sale?.onPhase("card-seen");
    const again = { waitMs: SELECT_GRACE_MS, elapsed, sleep };
    return await this.withSession(sale, holdCard(opened.session, reader, again));
  }

  /**
   * The card is let go after the answer, because it may still exchange beacons with the terminal
   * (spec §3.5).
   */
  private async withSession(sale: Sale, held: HeldCard): Promise<TapResult> {
    let paidWith: Chosen | null = null;
    try {
      const { result, chosen } = await this.withCard(sale, held);
      if (result.outcome === "accepted") paidWith = chosen;
      return result;
    } finally {
      if (paidWith === null) await held.session.end();
      else this.beacons.afterTap(held.session, paidWith);
    }
  }

  private async withCard(
    sale: Sale,
    held: HeldCard,
  ): Promise<{ readonly result: TapResult; readonly chosen: Chosen | null }> {
    const { parts } = this;
    const { card } = held.session;
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
}

/** An open sale continues with the instance that it began with; a new one may choose. */
function domainsOf({ open, request }: Sale): TapRequest["domains"] {
  if (open === null) return request.domains;
  return request.domains.filter(({ served }) => equalBytes(served.domainBytes, open.domainBytes));
}

function isInCurrency({ currency, decimals }: SaleRecord, { domains }: TapRequest): boolean {
  return domains.some(({ served: { asset } }) => asset.code === currency && asset.decimals === decimals);
}

function inProgress(): TapError {
  return new TapError("TAP_IN_PROGRESS", "The terminal is already waiting for a card; end that first.");
}
