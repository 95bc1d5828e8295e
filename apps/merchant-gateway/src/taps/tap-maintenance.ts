import type { TerminalClock } from "../clock/terminal-clock.ts";
import type { Policies } from "../config/policies.ts";
import type { TapRecord } from "../journal/payments/tap-record.ts";
import { OPEN_SALE_SECONDS } from "../limits.ts";
import type { TapWork } from "./turns/tap-work.ts";
import { TapError } from "./tap-error.ts";
import { nothingNew, reverseTap, type TapJournal, writtenTap } from "./tap-journal.ts";
import { type TapCode, type TapView, viewOf } from "./tap-result.ts";

export interface TapMaintenanceParts {
  readonly journal: TapJournal;
  readonly clock: TerminalClock;
  readonly policies: Policies;
  readonly work: TapWork;
}

/**
 * What happens to taps without their card: after a start, with time, and when the cashier reverses
 * one.
 */
export class TapMaintenance {
  private readonly parts: TapMaintenanceParts;

  constructor(parts: TapMaintenanceParts) {
    this.parts = parts;
  }

  /**
   * After a start: an intent without an outcome is unresolved, because PAY may have been sent (spec
   * §5.2).
   */
  recover(): void {
    const { journal, clock } = this.parts;
    const now = clock.now();
    const end = { ...nothingNew, to: "unresolved", saleOpen: true, code: "TAP_UNRESOLVED", now } as const;
    for (const { id, state } of journal.taps.unresolved()) {
      if (state !== "intent") continue;
      journal.write(() => {
        journal.taps.finish({ ...end, id, from: state });
      });
    }
  }

  /**
   * Closes what has waited too long: the open sale at the counter, and intents past the upload
   * window (spec §5.3), but for what a lane is at.
   */
  tidy(): void {
    const { journal, clock, policies, work } = this.parts;
    const now = clock.now();
    const end = { ...nothingNew, to: "expired", saleOpen: false, code: "TAP_EXPIRED", now } as const;
    for (const tap of journal.taps.unresolved()) {
      if (work.isAt(tap)) continue;
      // A clock that is not right says nothing about an age.
      if (clock.of(tap.domainBytes).fault() !== null) continue;
      const age = now - (tap.intent?.requestTime ?? tap.createdAt);
      const expired = age > policies.freshness.uploadWindowSeconds;
      if (!expired && !(tap.saleOpen && age > OPEN_SALE_SECONDS)) continue;
      journal.write(() => {
        if (!expired) {
          journal.taps.closeSale(tap, now);
          return;
        }
        journal.taps.finish({ ...end, id: tap.id, from: tap.state });
        reverseTap(journal, { ...tap, state: "expired" }, { code: "TAP_EXPIRED", now });
      });
    }
  }

  /** Closes a tap that is not sent to its card any more by a reversal; answers it as it is then. */
  close(tap: TapRecord, code: TapCode): TapView {
    const { journal, clock } = this.parts;
    journal.write(() => {
      reverseTap(journal, tap, { code, now: clock.now() });
    });
    return viewOf(writtenTap(journal, tap.id));
  }

  /**
   * Reverses a tap for the cashier: an open one is never sent again, a paid one is given back while
   * neither the chain nor settlement shows its end. Throws TapError TAP_UNKNOWN, TAP_IN_PROGRESS while a
   * lane is at it, TAP_NOT_OPEN or TAP_FINAL.
   */
  reverse(id: string): TapView {
    const { journal, clock, work } = this.parts;
    const tap = journal.taps.byId(id);
    if (tap === null) throw new TapError("TAP_UNKNOWN", "No tap has this id; the list of taps is at /v1/taps.");
    if (work.isAt(tap)) throw new TapError("TAP_IN_PROGRESS", "A lane is at this payment now; end that first.");
    if (tap.state === "unresolved") return this.close(tap, "TAP_CANCELLED");
    if (tap.state !== "accepted" || tap.voucherId === null) {
      throw new TapError("TAP_NOT_OPEN", "Only a paid or an unresolved payment can be reversed; this one is neither.");
    }
    const voucher = journal.vouchers.byId(tap.voucherId);
    if (voucher?.delivery === "final" || voucher?.reported === "final") {
      throw new TapError("TAP_FINAL", "This payment is final; give the money back by a refund.");
    }
    if (!journal.reversals.has(id)) {
      journal.write(() => {
        journal.reversals.add(tap, clock.now());
      });
    }
    return viewOf(tap);
  }
}
