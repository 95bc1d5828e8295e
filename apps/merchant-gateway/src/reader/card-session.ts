import { type CardConnection, isApduError, isReaderError, type Reader, type ReaderErrorCode } from "@tallystick/apdu";
import { CARD_ANSWER_TIMEOUT_MS, SELECT_GRACE_MS, SELECT_RETRY_MS } from "../limits.ts";
import type { CardMemory, SelectOutcome, ShortSelect } from "./select-card.ts";
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
 * so only an answer to SELECT counts as a card; until the time is over, all of it is tried again. A
 * card that was no more there after a short SELECT is asked in the long form however long it was silent.
 */
export async function openSession(reader: Reader, options: SessionOptions): Promise<SessionOutcome> {
  const start = options.elapsed();
  const form: FirstForm = { short: options.memory?.asksShort() ?? false, lost: null };
  for (;;) {
    const outcome = await tryOnce(reader, Math.max(0, start + options.waitMs - options.elapsed()), options, form);
    if (isLast(outcome, form, { start, ...options })) {
      tell(options.memory, outcome, form);
      return outcome;
    }
    await options.sleep(SELECT_RETRY_MS);
  }
}

function isLast(
  outcome: SessionOutcome,
  { lost }: FirstForm,
  { start, waitMs, elapsed }: { readonly start: number } & Pick<SessionOptions, "waitMs" | "elapsed">,
): boolean {
  if (outcome.ok || outcome.code === "SALE_CANCELLED") return true;
  const isPassing = passing.has(outcome.code);
  if (!isPassing && outcome.code !== "CARD_ABSENT") return true;
  const now = elapsed();
  // A reader is taken until the call to a silent card has come back, so the long form has a time of its own.
  if (isPassing && lost !== null && now - lost.at < SELECT_GRACE_MS) return false;
  return now - start >= Math.max(waitMs, isPassing ? SELECT_GRACE_MS : 0);
}

/** What the short SELECT was worth at the card that came, or at the one that is gone. */
function tell(memory: CardMemory | undefined, outcome: SessionOutcome, { lost }: FirstForm): void {
  const first = outcome.ok ? outcome.session.first : null;
  if (first?.kind === "card") memory?.met({ ...first, short: lost?.short ?? first.short });
  else if (lost !== null) memory?.met(null);
}

/** The card of one tap, which may be connected to anew while it lies there. */
export interface HeldCard {
  readonly session: CardSession;
  /** What the card showed of its short forms in this tap; null where it was not asked. */
  readonly shortForms: "has" | "lacks" | null;
  /**
   * Lets the card go and connects to it again, with a SELECT in the long form: what it shows may be new
   * (spec §5.16). Null where it does not come back.
   */
  readonly again: () => Promise<CardSession | null>;
}

/** Holds a card; what it was connected to last is its session. */
export function holdCard(opened: CardSession, reader: Reader, options: Omit<SessionOptions, "memory">): HeldCard {
  let session = opened;
  let shown: HeldCard["shortForms"] = null;
  return {
    get session() {
      return session;
    },
    get shortForms() {
      return session.card.shortForms ?? shown;
    },
    again: async () => {
      shown = session.card.shortForms ?? shown;
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
  /** When the card of a short SELECT was silent or gone, and what that SELECT was worth until then. */
  lost: { readonly at: number; readonly short: ShortSelect } | null;
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
    const first = await selectFirst(card, form, options);
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

async function selectFirst(
  card: TapCard,
  form: FirstForm,
  { elapsed }: Pick<SessionOptions, "elapsed">,
): Promise<SelectOutcome> {
  const wasShort = form.short;
  form.short = false;
  try {
    return await card.select(1);
  } catch (error) {
    if (wasShort) form.lost = { at: elapsed(), short: card.shortForms === "has" ? "unserved" : "unanswered" };
    throw error;
  }
}
