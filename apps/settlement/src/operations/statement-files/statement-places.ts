import { Readable } from "node:stream";
import { systemTimer, type Timer } from "@tallystick/program";
import { Problem } from "../../foundation/http/problem.ts";
import {
  STATEMENT_RETRY_SECONDS,
  STATEMENT_STALL_MS,
  STATEMENT_WHOLE_MS,
  STATEMENTS_AT_ONCE,
  STATEMENTS_OF_MERCHANTS,
  STATEMENTS_OF_PAYEE,
} from "../statements/limits.ts";

/** Of whom a statement is that is being written: a merchant that asked for its own, null for staff. */
type Reader = string | null;

/** Places for statements that are being written: no reader, however slow, keeps the others from theirs. */
export class StatementPlaces {
  private readonly taken = new Set<{ readonly of: Reader }>();

  constructor(private readonly timer: Timer = systemTimer) {}

  /** Takes a place; answers what gives it back, once. Throws Problem LIMIT_REACHED. */
  take(of: Reader): () => void {
    const all = [...this.taken];
    const merchants = all.filter((place) => place.of !== null).length;
    const own = all.filter((place) => place.of === of).length;
    const isFull = of !== null && (merchants >= STATEMENTS_OF_MERCHANTS || own >= STATEMENTS_OF_PAYEE);
    if (isFull || all.length >= STATEMENTS_AT_ONCE)
      throw new Problem("LIMIT_REACHED", "Other statements are being written; ask again in a while.", {
        retryAfterSeconds: STATEMENT_RETRY_SECONDS,
      });
    const place = { of };
    this.taken.add(place);
    return () => this.taken.delete(place);
  }

  /** Hands pieces on as they are taken; breaks off where the next one, or the whole, takes too long. */
  stream(pieces: AsyncIterable<string | Uint8Array>): Readable {
    const stream: Readable = Readable.from(
      this.handed(pieces, () => stream.destroy(new Error("The reader of a statement was too slow."))),
    );
    return stream;
  }

  private async *handed(
    pieces: AsyncIterable<string | Uint8Array>,
    breakOff: () => void,
  ): AsyncGenerator<string | Uint8Array> {
    const callOff = this.timer.after(STATEMENT_WHOLE_MS, breakOff);
    let callOffNext = (): void => undefined;
    try {
      for await (const piece of pieces) {
        callOffNext = this.timer.after(STATEMENT_STALL_MS, breakOff);
        yield piece;
        callOffNext();
      }
    } finally {
      callOffNext();
      callOff();
    }
  }
}
