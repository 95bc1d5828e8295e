import { type CardConnection, isApduError, isReaderError, type Reader, type ReaderErrorCode } from "@tallystick/apdu";
import { CARD_ANSWER_TIMEOUT_MS, SELECT_GRACE_MS, SELECT_RETRY_MS } from "../limits.ts";
import type { CardMemory, SelectOutcome } from "./select-card.ts";
import { createTapCard, type TapCard } from "./tap-card.ts";

/** A card on the reader that has answered its first SELECT. */
export interface CardSession {
  readonly card: TapCard;
  readonly first: SelectOutcome;
  /** Lets the card go; never rejects. */
  readonly end: () => Promise<void>;
}

export interface SessionOptions {
  /** How long to wait for a card. */
  readonly waitMs: number;
  /** Ends the wait; a card that was selected is not let go by it. */
  readonly signal?: AbortSignal;
  /** Milliseconds of a clock that only goes forward. */
  readonly elapsed: () => number;
  readonly sleep: (ms: number) => Promise<void>;
  /** What is remembered of cards; without it each is asked in the long form. */
  readonly memory?: CardMemory;
}

/** A session, or the reader's reason why there is none. */
export type SessionOutcome =
  | { readonly ok: true; readonly session: CardSession }
  | { readonly ok: false; readonly code: ReaderErrorCode | "SALE_CANCELLED" };

/** Codes of a card that is just being put on or taken off; they pass within a moment. */
const passing: ReadonlySet<ReaderErrorCode> = new Set([
  "CARD_MUTE",
  "CARD_REMOVED",
  "CARD_RESET",
  "TORN",
  "NOT_CONNECTED",
  "READER_FAULT",
]);

/**
 * Waits for a card and selects the applet. A reader may report a card for 0.4 s after it has gone,
 * so only an answer to SELECT counts as a card; until the time is over, all of it is tried again.
 */
export async function openSession(reader: Reader, options: SessionOptions): Promise<SessionOutcome> {
  const start = options.elapsed();
  const form: FirstForm = { short: options.memory?.asksShort() ?? false };
  for (;;) {
    const outcome = await tryOnce(reader, Math.max(0, start + options.waitMs - options.elapsed()), options, form);
    if (outcome.ok || outcome.code === "SALE_CANCELLED") return outcome;
    const spent = options.elapsed() - start;
    const grace = passing.has(outcome.code) ? SELECT_GRACE_MS : 0;
    const worth = passing.has(outcome.code) || outcome.code === "CARD_ABSENT";
    if (!worth || spent >= Math.max(options.waitMs, grace)) return outcome;
    await options.sleep(SELECT_RETRY_MS);
  }
}

/** The card of one tap, which may be connected to anew while it lies there. */
export interface HeldCard {
  readonly session: CardSession;
  /** Lets the card go and connects to it again; null where it does not come back. */
  readonly again: () => Promise<CardSession | null>;
}

/** Holds a card; what it was connected to last is its session. */
export function holdCard(opened: CardSession, reader: Reader, options: SessionOptions): HeldCard {
  let session = opened;
  return {
    get session() {
      return session;
    },
    again: async () => {
      await session.end();
      const outcome = await openSession(reader, options);
      if (!outcome.ok) return null;
      session = outcome.session;
      return session;
    },
  };
}

/** The form of a session's first SELECT; one that brought no answer is repeated in the long form (spec §5.16). */
interface FirstForm {
  short: boolean;
}

async function tryOnce(
  reader: Reader,
  waitMs: number,
  options: SessionOptions,
  form: FirstForm,
): Promise<SessionOutcome> {
  let connection: CardConnection | null = null;
  try {
    if (waitMs > 0)
      await reader.waitForCard({
        timeoutMs: waitMs,
        ...(options.signal === undefined ? {} : { signal: options.signal }),
      });
    if (options.signal?.aborted === true) return { ok: false, code: "SALE_CANCELLED" };
    connection = await reader.connect({ share: "exclusive", transmitTimeoutMs: CARD_ANSWER_TIMEOUT_MS });
    const held = connection;
    const card = createTapCard(held, form.short ? options.memory : null);
    form.short = false;
    const first = await card.select(1);
    if (first.kind === "card") options.memory?.met(first);
    return { ok: true, session: { card, first, end: () => held.disconnect() } };
  } catch (error) {
    await connection?.disconnect();
    if (options.signal?.aborted === true) return { ok: false, code: "SALE_CANCELLED" };
    if (isReaderError(error)) return { ok: false, code: error.code };
    if (isApduError(error, "TORN")) return { ok: false, code: "TORN" };
    if (isApduError(error)) return { ok: false, code: "READER_FAULT" };
    throw error;
  }
}
