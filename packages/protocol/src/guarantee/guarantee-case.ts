import type { AssuranceClass } from "../objects/allowance.ts";
import type { Arrival } from "../terminal/judge-voucher.ts";
import type { VoucherVerdict } from "../terminal/voucher-verdict.ts";

/** What the issuer published that it bears (spec §6.12); none of it has a default. */
export interface IssuerGuarantee {
  /** Where false nothing is compensated. */
  readonly bears: boolean;
  /** Units for one card at all terminals; above it a person decides. */
  readonly perCard: bigint;
  /** Units for one payee on one day; above it a person decides. */
  readonly perPayeePerDay: bigint;
}

/** Another message of the voucher's counter from the same payee and terminal. */
export interface RivalMessage {
  /** The terminal signed that it gave nothing for it. */
  readonly reversed: boolean;
  /** The issuer paid it, pays it, or owes it. */
  readonly borne: boolean;
}

/** What the issuer bears already, in units, without the voucher that is judged. */
export interface BorneBefore {
  /** For its card at its terminal: compensated, compensating and withheld. */
  readonly cardAtTerminal: bigint;
  /** For all class-2 cards at its terminal: compensated, compensating and withheld. */
  readonly softwareAtTerminal: bigint;
  /** For its card at all terminals: compensated and compensating. */
  readonly card: bigint;
  /** For its payee on the day on which it is judged: compensated and compensating. */
  readonly payeeToday: bigint;
}

/** A voucher that the vault can never pay, with all that decides whether the issuer does. */
export interface GuaranteeCase {
  readonly amount: bigint;
  /** The terminal's time, seconds. */
  readonly time: number;
  readonly assuranceClass: AssuranceClass;
  /** The judge's, by its certificate and its arrival, when it is to be paid. */
  readonly verdict: VoucherVerdict;
  readonly arrival: Arrival;
  /** A valid `TLYX` names its request. */
  readonly reversed: boolean;
  readonly rivals: readonly RivalMessage[];
  /** L: `issuedAt` of the first list that shows the card revoked; null while none does. */
  readonly revokedAt: number | null;
  /** S (spec §1.3). */
  readonly listAgeSeconds: number;
  readonly certificate: {
    readonly perCardSum: bigint;
    readonly softwareSum: bigint;
    /** Seconds; null while it is not withdrawn. */
    readonly withdrawnAt: number | null;
  };
  /** Units; the largest maxSpent that the issuer ever signed for the card. */
  readonly largestMaxSpent: bigint;
  readonly before: BorneBefore;
  readonly issuer: IssuerGuarantee;
}

/** When a voucher came, by whoever can prove it; seconds. */
export interface ArrivalProofs {
  readonly receivedAt: number;
  /** `TLYR` over uploads that held it. */
  readonly receipts: readonly number[];
  /** Times of final blocks whose `settle` payload held it, paid or skipped. */
  readonly payloads: readonly number[];
}

/** The earliest of all proofs of arrival (spec §6.12). */
export function earliestArrival({ receivedAt, receipts, payloads }: ArrivalProofs): number {
  return Math.min(receivedAt, ...receipts, ...payloads);
}
