import type { z } from "zod";
import type { Policies } from "../config/policies.ts";
import type { AllowanceUpdateStore } from "../journal/payments/allowance-update-store.ts";
import type { RefundStore } from "../journal/payments/refund-store.ts";
import type { TapRecord } from "../journal/payments/tap-record.ts";
import type { TapStore } from "../journal/payments/tap-store.ts";
import type { VoucherStore } from "../journal/payments/voucher-store.ts";
import { MAX_LISTED_TAPS } from "../limits.ts";
import { viewOf } from "../taps/tap-result.ts";
import { changeOf } from "../journal/payments/allowance-change.ts";
import { Problem } from "./problem.ts";
import { tapDetailToWire } from "./tap-wire.ts";
import type { tapDetailSchema, tapListSchema } from "./wire.ts";

export interface TapHistoryParts {
  readonly taps: Pick<TapStore, "byId" | "recent">;
  readonly vouchers: Pick<VoucherStore, "byId">;
  readonly refunds: Pick<RefundStore, "ofTap">;
  readonly allowanceUpdates: Pick<AllowanceUpdateStore, "ofTap">;
  readonly policies: Policies;
  /** Whether this terminal can give back what was sent. */
  readonly givesBack: () => boolean;
}

/**
 * What the journal says of taps, as JSON: with their vouchers and refunds, and only in the
 * currencies that are served now.
 */
export class TapHistory {
  private readonly parts: TapHistoryParts;

  constructor(parts: TapHistoryParts) {
    this.parts = parts;
  }

  /** One tap. Throws Problem NOT_FOUND. */
  one(id: string): z.output<typeof tapDetailSchema> {
    const tap = this.parts.taps.byId(id);
    if (tap === null || !this.isServed(tap))
      throw new Problem("NOT_FOUND", "No tap has this id; the list of taps is at /v1/taps.");
    return this.detail(tap);
  }

  /** Whether a tap is paid; false where there is none. */
  isPaid(id: string): boolean {
    return this.parts.taps.byId(id)?.state === "accepted";
  }

  /** The newest taps, or those older than `before`. Throws Problem NOT_FOUND. */
  page(before: string | null): z.output<typeof tapListSchema> {
    const { taps } = this.parts;
    if (before !== null && taps.byId(before) === null)
      throw new Problem("NOT_FOUND", "No tap has this id; leave `before` out to begin with the newest.");
    const listed = taps.recent(MAX_LISTED_TAPS + 1, before);
    const shown = listed.slice(0, MAX_LISTED_TAPS);
    return {
      taps: shown.filter((tap) => this.isServed(tap)).map((tap) => this.detail(tap)),
      next: listed.length > shown.length ? (shown.at(-1)?.id ?? null) : null,
    };
  }

  private isServed(tap: TapRecord): boolean {
    return this.parts.policies.of(tap.domainBytes) !== null;
  }

  private detail(tap: TapRecord): z.output<typeof tapDetailSchema> {
    const { vouchers, refunds, policies, givesBack } = this.parts;
    const update = this.parts.allowanceUpdates.ofTap(tap.id);
    const view = viewOf(tap, update === null ? null : changeOf(update));
    const voucher = tap.voucherId === null ? null : vouchers.byId(tap.voucherId);
    return tapDetailToWire(view, { voucher, refunds: refunds.ofTap(tap.id), givesBack: givesBack() }, policies);
  }
}
