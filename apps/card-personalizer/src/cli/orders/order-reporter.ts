import { formatAmount, type Asset } from "@tallystick/money";
import type { OrderedCard } from "../../order/check-order.ts";
import type { Awaited } from "../../steps/funding-options.ts";
import type { LiveLine } from "./live-line.ts";
import type { SayReport } from "./send-report.ts";
import { OrderProgress } from "./order-progress.ts";
import { waitText } from "./wait-text.ts";
import type { IssuedOrder, OrderEvent } from "../../order/order-events.ts";

const SCHEMA = "tallystick.order/1";

/** Reports how far an order is, on standard output. */
export interface OrderReporter {
  event(this: void, event: OrderEvent): void;
  /** Whether settlement has the report of the order. */
  report: SayReport;
  end(outcome: IssuedOrder): void;
}

/** One JSON object a line for programs, or a sentence a line for people. */
export function createOrderReporter(options: {
  readonly json: boolean;
  readonly live: LiveLine;
  /** Milliseconds. */
  readonly now: () => number;
  readonly total: number;
}): OrderReporter {
  const { json, live, now, total } = options;
  const progress = new OrderProgress(total);
  const write = (fields: object, sentence: string): void =>
    live.writeLine(
      json ? JSON.stringify({ schema: SCHEMA, time: new Date(now()).toISOString(), ...fields }) : sentence,
    );
  return {
    event: (event) => {
      progress.take(event, now());
      const shown = "failure" in event ? withoutError(event) : event;
      const { finished, waiting, setAside } = progress.counts;
      write(
        { ...shown, finished, waiting, setAside, total },
        `${sentenceOf(event)} [${finished} of ${total}, ${setAside} set aside]`,
      );
      if (!json) live.show(progress.text(now()));
    },
    report: (fields, sentence) => write({ event: "report", ...fields }, sentence),
    end: ({ done: made, setAside, elsewhere, awaited, left }) => {
      live.end();
      const references = setAside.map(({ reference }) => reference);
      const again = made + elsewhere.length === total ? "" : " Run the order again for the others.";
      const others = elsewhere.length === 0 ? "" : ` ${elsewhere.length} at other stations,`;
      const waiting = awaited.length === 0 ? "" : ` ${awaited.length} made and waiting for their deposits,`;
      write(
        { event: "end", finished: made, setAside: references, elsewhere, awaited, left, total },
        `${made} of ${total} cards are ready,${waiting}${others} ${references.length} set aside, ${left} not begun.${again}`,
      );
    },
  };
}

/** One card of a dry run. */
export function plannedLine(
  card: Omit<OrderedCard, "owner"> & { readonly owner: string },
  asset: Asset,
  json: boolean,
): string {
  const { reference, label, owner, hasPin, caps, line } = card;
  const fund = formatAmount(card.fund, asset);
  if (json)
    return JSON.stringify({ schema: SCHEMA, event: "planned", line, reference, label, owner, fund, hasPin, caps });
  const pin = hasPin ? "with a PIN" : "without a PIN";
  return `line ${line}: ${reference}, ${fund} for ${owner}, at most ${caps.perTap} a payment, ${pin}`;
}

function withoutError({ failure, ...event }: OrderEvent & { event: "set-aside" | "wrong" }): object {
  return { ...event, code: failure.code, message: failure.message, next: failure.next };
}

function sentenceOf(event: OrderEvent): string {
  if (event.event === "await") return awaitSentence(event);
  const { reference } = event;
  switch (event.event) {
    case "put":
      return `Put ${event.isBegun ? `the card that ${reference} was begun with` : `a blank card for ${reference}`} on "${event.reader}".`;
    case "take":
      return `Take ${reference} off "${event.reader}".`;
    case "warning":
      return `! ${reference}: ${event.message}`;
    case "made":
      return event.visits === "one"
        ? `✓ ${reference}: card ${event.card} is made, ${event.seconds} s. It can be handed out, and pays from its first tap on at a terminal that was online after its deposit is final.`
        : `✓ ${reference}: card ${event.card} is begun, ${event.seconds} s. It comes once more when its deposit is final.`;
    case "done":
      return event.visits === "one"
        ? `✓ ${reference}: its deposit is final.`
        : `✓ ${reference}: card ${event.card} is ready and can pay at once.`;
    case "known":
      return `· ${reference}: card ${event.card} was ready before.`;
    case "wrong":
      return `! "${event.reader}" asked for ${reference}. ${event.failure.message} Take it off.`;
    case "elsewhere":
      return `· ${reference}: ${event.message}`;
    case "set-aside":
      return `✗ ${reference}: ${event.failure.code}. ${event.failure.message} ${event.failure.next}`;
  }
}

/** What is waited for, of how many cards, where the chain stands and since when. */
export function awaitSentence({ count, ...wait }: Awaited & { readonly count: number }): string {
  return `… ${count === 1 ? "One card waits" : `${count} cards wait`} for ${waitText(wait)}`;
}
