import { setTimeout as sleep } from "node:timers/promises";
import type { Reader } from "@tallystick/apdu";
import { MAX_REMOVAL_LOOKS, REMOVAL_LOOK_MS } from "./limits.ts";

export interface RemovalWatchParts {
  readonly reader: Pick<Reader, "status">;
  /** While somebody else asks the reader, it is not looked at. */
  readonly isBusy: () => boolean;
  /** The machine's timer when left out, which keeps no process running. */
  readonly pause?: (ms: number) => Promise<void>;
}

/** One card that is looked at. */
interface Watched {
  gone: boolean;
}

/**
 * Whether the card that was here last, such as that of the last payment, was taken away since (spec §5.11, 3). Nobody
 * waits for a card between two sales, so the reader is looked at meanwhile, without touching what lies on it.
 */
export class RemovalWatch {
  private readonly parts: RemovalWatchParts;
  private watched: Watched = { gone: false };

  constructor(parts: RemovalWatchParts) {
    this.parts = parts;
  }

  /** Whether the card was seen to be away. What nobody saw, such as before a start, counts as not. */
  get isGone(): boolean {
    return this.watched.gone;
  }

  /** Somebody else saw the reader empty. */
  seenAway(): void {
    this.watched.gone = true;
  }

  /** A card was here: from now on it is looked at, until it is away or for a stated time. Never rejects. */
  async begin(): Promise<void> {
    const watched = { gone: false };
    this.watched = watched;
    const { isBusy, pause = unheld } = this.parts;
    // A reader may lose a card for a moment that lies at its edge: one look is none.
    let away = 0;
    for (let looks = 0; looks < MAX_REMOVAL_LOOKS; looks += 1) {
      await pause(REMOVAL_LOOK_MS);
      if (watched.gone || this.watched !== watched) return;
      away = !isBusy() && (await this.isAbsent()) ? away + 1 : 0;
      if (away === 2) {
        watched.gone = true;
        return;
      }
    }
  }

  private async isAbsent(): Promise<boolean> {
    try {
      return (await this.parts.reader.status()).card === "absent";
    } catch {
      // A reader that cannot say it has not shown an empty place.
      return false;
    }
  }
}

async function unheld(ms: number): Promise<void> {
  await sleep(ms, undefined, { ref: false });
}
