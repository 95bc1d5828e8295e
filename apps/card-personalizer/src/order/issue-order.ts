import type { Reader } from "@tallystick/apdu";
import type { ProgramError } from "@tallystick/program";
import { asFailure, Failure } from "../failures.ts";
import { ORDER_CARD_WAIT_SECONDS, ORDER_REMOVAL_MS } from "../limits.ts";
import { personalize } from "../personalize/personalize.ts";
import type { PersonalizeOptions } from "../personalize/personalize-options.ts";
import type { OrderedCard } from "./check-order.ts";

/** What happens while an order is made. */
export type OrderEvent =
  | { readonly event: "put"; readonly reference: string; readonly reader: string; readonly isBegun: boolean }
  | {
      readonly event: "done";
      readonly reference: string;
      readonly reader: string;
      readonly card: string;
      readonly seconds: number;
    }
  | { readonly event: "known"; readonly reference: string; readonly card: string }
  | { readonly event: "set-aside"; readonly reference: string; readonly reader: string; readonly failure: ProgramError }
  | { readonly event: "warning"; readonly reference: string; readonly reader: string; readonly message: string }
  | { readonly event: "take"; readonly reference: string; readonly reader: string };

export interface IssueOptions {
  readonly cards: readonly OrderedCard[];
  readonly readers: readonly Reader[];
  /** What every card of the order has in common. */
  readonly station: Omit<PersonalizeOptions, "reference" | "owner" | "fund" | "reader" | "observe" | "warn">;
  readonly report: (event: OrderEvent) => void;
}

export interface IssuedOrder {
  readonly done: number;
  readonly setAside: readonly { readonly reference: string; readonly failure: ProgramError }[];
  /** Cards that nobody put on a reader any more. */
  readonly left: number;
}

/** What ends the work at a reader, or at all of them: the next card would not be served better. */
const ENDS_WORK: readonly string[] = [
  ...["CARD_ABSENT", "NO_SERVICE", "READER_UNKNOWN", "READER_IN_USE", "INTERRUPTED", "JOURNAL_FAULT"],
  ...["SETTLEMENT_UNREACHABLE", "ISSUER_KEY_MISMATCH", "DEFAULT_KEYS_REFUSED"],
];

/**
 * Makes the cards of an order, one at a time on each reader. A card that was begun is asked for
 * first. What stands in one card's way sets that card aside, and the others go on; run the order
 * again for those.
 */
export async function issueOrder(options: IssueOptions): Promise<IssuedOrder> {
  const { cards, readers, station, report } = options;
  const waiting = cards.filter(({ reference }) => {
    const run = station.journal.run(reference);
    if (run?.done !== true) return true;
    report({ event: "known", reference, card: String(station.journal.step(reference, "generate-key")?.data["card"]) });
    return false;
  });
  const isBegun = ({ reference }: OrderedCard): boolean => station.journal.run(reference)?.cardName != null;
  const queue = [...waiting.filter(isBegun), ...waiting.filter((card) => !isBegun(card))];
  const setAside: { reference: string; failure: ProgramError }[] = [];
  let done = cards.length - waiting.length;
  const serve = async (reader: Reader): Promise<void> => {
    for (let card = queue.shift(); card !== undefined; card = queue.shift()) {
      if (station.signal.aborted) return void queue.unshift(card);
      const failure = await make(options, { card, reader, isBegun: isBegun(card) });
      if (failure === null) done++;
      else if (ENDS_WORK.includes(failure.code)) {
        queue.unshift(card);
        setAside.push({ reference: card.reference, failure });
        return;
      } else setAside.push({ reference: card.reference, failure });
      if (queue.length > 0 && !(await isTakenAway(options, { card, reader }))) return;
    }
  };
  await Promise.all(readers.map(serve));
  // What one reader gave up another one may have made.
  const isDone = (reference: string): boolean => station.journal.run(reference)?.done === true;
  return { done, setAside: setAside.filter(({ reference }) => !isDone(reference)), left: queue.length };
}

/** One card on one reader; null where it was made. */
async function make(
  { station, report }: IssueOptions,
  { card, reader, isBegun }: { readonly card: OrderedCard; readonly reader: Reader; readonly isBegun: boolean },
): Promise<ProgramError | null> {
  const { reference, owner, fund, caps, hasPin } = card;
  const { config, letters, environment } = station;
  report({ event: "put", reference, reader: reader.name, isBegun });
  const begun = { atMs: environment.now() };
  try {
    const made = await personalize({
      ...{ ...station, reference, owner, fund, reader, letters: hasPin ? letters : null },
      config: { ...config, caps, cardWaitSeconds: ORDER_CARD_WAIT_SECONDS },
      observe: (step, code) => {
        if (step === "install" && code !== "DONE") begun.atMs = environment.now();
      },
      warn: (message) => report({ event: "warning", reference, reader: reader.name, message }),
    });
    const seconds = Math.round((environment.now() - begun.atMs) / 1_000);
    report({ event: "done", reference, reader: reader.name, card: made.card, seconds });
    return null;
  } catch (error) {
    const failure = asFailure(error);
    report({ event: "set-aside", reference, reader: reader.name, failure });
    return failure;
  }
}

/** Waits until the card is off, so that the next one is not taken for it; no when the work ends here. */
async function isTakenAway(
  { station, report }: IssueOptions,
  { card, reader }: { readonly card: OrderedCard; readonly reader: Reader },
): Promise<boolean> {
  try {
    if ((await reader.status()).card === "absent") return true;
    report({ event: "take", reference: card.reference, reader: reader.name });
    await reader.waitForRemoval({ timeoutMs: ORDER_REMOVAL_MS, signal: station.signal });
    return true;
  } catch (error) {
    if (!station.signal.aborted && !(asFailure(error) instanceof Failure)) throw error;
    return false;
  }
}
