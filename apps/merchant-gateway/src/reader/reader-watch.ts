import { isReaderError, type Reader, type ReaderErrorCode } from "@tallystick/apdu";
import { READER_STATUS_CACHE_MS, READER_STATUS_TIMEOUT_MS } from "../limits.ts";
import type { RateKeeper, ReaderRate } from "./rate/rate-keeper.ts";
import { readerMessage } from "./reader-message.ts";

/** What the terminal shows of its reader. */
export interface ReaderView {
  readonly name: string;
  readonly state: "ready" | "card" | "busy" | "mute" | "unusable";
  /** Why it cannot be used now; null where it can. */
  readonly code: ReaderErrorCode | null;
  readonly message: string | null;
  /** At what rate it and the cards on it speak, as far as it tells. */
  readonly rate: ReaderRate;
}

export interface ReaderWatchParts {
  readonly reader: Reader;
  readonly isBusy: () => boolean;
  /** Milliseconds of a clock that only goes forward. */
  readonly elapsed: () => number;
  readonly rate: Pick<RateKeeper, "rate" | "forget">;
}

/** What is seen of a reader beside its rate. */
type Seen = Omit<ReaderView, "rate">;

/** Looks at the reader without touching a card, and not while a payment uses it. */
export class ReaderWatch {
  private readonly parts: ReaderWatchParts;
  private seen: { readonly at: number; readonly view: Seen } | null = null;

  constructor(parts: ReaderWatchParts) {
    this.parts = parts;
  }

  /** Another reader is behind it now. */
  forget(): void {
    this.seen = null;
    this.parts.rate.forget();
  }

  /** What it tells of its rate; no question to it. */
  get rate(): ReaderRate {
    return this.parts.rate.rate;
  }

  async check(): Promise<ReaderView> {
    return { ...(await this.look()), rate: this.rate };
  }

  private async look(): Promise<Seen> {
    const { reader, isBusy, elapsed } = this.parts;
    if (isBusy()) return { name: reader.name, state: "busy", code: null, message: null };
    if (this.seen !== null && elapsed() - this.seen.at < READER_STATUS_CACHE_MS) return this.seen.view;
    const view = await this.ask();
    this.seen = { at: elapsed(), view };
    return view;
  }

  private async ask(): Promise<Seen> {
    const { reader } = this.parts;
    const unusable = (code: ReaderErrorCode): Seen => ({
      name: reader.name,
      state: "unusable",
      code,
      message: readerMessage(code),
    });
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<"late">((resolve) => {
      timer = setTimeout(resolve, READER_STATUS_TIMEOUT_MS, "late");
    });
    try {
      const status = await Promise.race([reader.status(), late]);
      if (status === "late") return unusable("READER_FAULT");
      if (status.inUse) return unusable("READER_IN_USE");
      const state = status.card === "absent" ? "ready" : status.card === "present" ? "card" : "mute";
      return { name: reader.name, state, code: null, message: state === "mute" ? readerMessage("CARD_MUTE") : null };
    } catch (error) {
      return unusable(isReaderError(error) ? error.code : "READER_FAULT");
    } finally {
      clearTimeout(timer);
    }
  }
}
