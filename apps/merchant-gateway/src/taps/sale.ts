import type { Reader } from "@tallystick/apdu";
import { equalBytes, type SignatureEngine } from "@tallystick/protocol";
import type { ChainWatch } from "../chain/watch/chain-watch.ts";
import type { TerminalClock } from "../clock/terminal-clock.ts";
import type { GatewayConfig, ServedDomain } from "../config/gateway-config.ts";
import type { TapRecord } from "../journal/payments/tap-record.ts";
import type { StatusLists } from "../status/status-lists.ts";
import type { SessionOptions, SessionOutcome } from "../reader/card-session.ts";
import type { TapWork } from "./turns/tap-work.ts";
import type { IntendedRecord, TapJournal } from "./tap-journal.ts";
import type { DomainPolicy, Policies } from "../config/policies.ts";

/** A request to take one payment. */
export interface TapRequest {
  /**
   * Chosen by the caller; a tap of the same sale is never paid twice. Null: the open sale of this
   * amount, or a new one.
   */
  readonly saleId: string | null;
  /** Where its card is awaited; the first lane where left out. */
  readonly lane?: string;
  /** Units, at least 1. */
  readonly amount: bigint;
  /** Domains of this sale's currency. */
  readonly domains: readonly DomainPolicy[];
  /**
   * The cardholder's PIN, one digit in each byte; used only where the card requires it, and never
   * kept.
   */
  readonly pin?: Uint8Array | null;
  /** How long to wait for a card; null takes the configured time. */
  readonly waitMs: number | null;
  readonly signal?: AbortSignal;
  /** What a sale asks for beyond a tap (spec §5.11); a tap that is no sale's leaves it out. */
  readonly sale?: SaleWishes;
}

/** How far a sale's tap has come; what came of it is its outcome. */
export type TapPhase = "waiting" | "card-left" | "card-seen" | "paying";

/** What a sale asks of its tap (spec §5.11). */
export interface SaleWishes {
  /** Takes the amount from a card that paid the same within the last two minutes. */
  readonly again: boolean;
  readonly onPhase: (phase: TapPhase) => void;
}

/** What a lane works with. */
export interface TapEngineParts {
  readonly config: Pick<GatewayConfig, "payee" | "terminalId" | "category" | "cardWaitSeconds">;
  readonly journal: TapJournal;
  readonly clock: TerminalClock;
  readonly lists: StatusLists;
  readonly chainWatch: Pick<ChainWatch, "judge">;
  readonly policies: Policies;
  /** The lane's name and its reader. */
  readonly lane: string;
  readonly reader: Reader;
  /** What all lanes are at. */
  readonly work: TapWork;
  readonly signatures: SignatureEngine;
  readonly randomBytes: (length: number) => Uint8Array;
  readonly newId: () => string;
  /**
   * Asks settlement for a card's newest allowance, within the time that a cardholder waits; whether a
   * newer one than the card shows is held then. Never rejects (spec §5.10).
   */
  readonly askNewest: (
    served: ServedDomain,
    card: { readonly cardTag: Uint8Array; readonly shownSeq: number },
  ) => Promise<boolean>;
  readonly elapsed: SessionOptions["elapsed"];
  readonly sleep: SessionOptions["sleep"];
}

/** How long a card is awaited for other work than a payment; null takes the configured time. */
export interface CardWait {
  readonly waitMs: number | null;
  readonly signal?: AbortSignal;
}

/** What came of work with a card, or why there was none. */
export type Lent<T> = { readonly ok: true; readonly value: T } | Extract<SessionOutcome, { readonly ok: false }>;

/** A sale on its way through one tap. */
export interface Sale {
  readonly request: TapRequest;
  readonly saleId: string;
  /** The tap that a torn attempt of this very sale left open. */
  readonly open: IntendedRecord | null;
}

/** Whether a tap was for the currency that is asked for now. */
export function isOfCurrency(tap: TapRecord, request: TapRequest): boolean {
  return request.domains.some(({ served }) => equalBytes(served.domainBytes, tap.domainBytes));
}
