import type { EventName, Screen } from "./model.ts";

/**
 * What an event does on a screen:
 *
 * - `-`: nothing; a second click or key finds the first one done.
 * - `open`: the terminal answers: show the remembered sale, or the amount. `close`: it wants device or person.
 * - `begin`: a new sale, with an id of its own. `show`: what the terminal says of this page's sale.
 * - `meet`: a sale that somebody else began and a card is awaited for, or one that was thought lost.
 * - `vanish`: the terminal does not know it. `complain`: say why it refused.
 * - `stop`: end the wait. `attempt`: try once more. `clear`: the amount again.
 */
export type Step =
  | "-"
  | "open"
  | "close"
  | "begin"
  | "show"
  | "meet"
  | "vanish"
  | "complain"
  | "stop"
  | "attempt"
  | "clear";

type Row = Readonly<Record<EventName, Step>>;

const shut: Row = {
  ...{ opened: "open", closed: "close", asked: "-", told: "-", unknown: "-", refused: "complain", stop: "-" },
  ...{ again: "-", fresh: "-" },
};
const awaited: Row = {
  ...{ opened: "-", closed: "close", asked: "-", told: "show", unknown: "vanish", refused: "complain", stop: "stop" },
  ...{ again: "-", fresh: "-" },
};
const ended: Row = { ...awaited, stop: "-", fresh: "clear" };
const open: Row = { ...ended, again: "attempt" };

/** Every screen and every event: what is not in the table cannot happen. */
export const TABLE: Readonly<Record<Screen, Row>> = {
  starting: shut,
  pairing: shut,
  person: shut,
  amount: {
    ...{ opened: "-", closed: "close", asked: "begin", told: "meet", unknown: "-", refused: "complain", stop: "-" },
    ...{ again: "-", fresh: "clear" },
  },
  asking: { ...awaited },
  waiting: awaited,
  "card-left": awaited,
  "card-seen": awaited,
  paying: awaited,
  paid: ended,
  reversed: ended,
  // What is left on a card that could not pay is taken by another sale.
  refused: { ...open, asked: "begin" },
  repeated: open,
  pin: open,
  unresolved: open,
};
