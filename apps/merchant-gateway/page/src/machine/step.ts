import type { Sale } from "@tallystick/gateway-client";
import { type Effect, FIRST, isAwaited, type Model, type PageEvent, screenOf } from "./model.ts";
import { TABLE } from "./table.ts";

/** The page after an event, and what is to be done. */
export interface Stepped {
  readonly model: Model;
  readonly effects: readonly Effect[];
}

/** One event. The table says which step it is; the steps are below. */
export function step(model: Model, event: PageEvent): Stepped {
  const name = TABLE[model.screen][event.name];
  switch (name) {
    case "-":
      return still(model);
    case "open":
      return opened(event.name === "opened" ? event.remembered : null);
    case "close":
      return event.name === "closed" ? { model: { ...model, screen: event.needed }, effects: [] } : still(model);
    case "begin":
      return event.name === "asked" ? begun(model, event.terms) : still(model);
    case "show":
      return event.name === "told" ? shown(model, event.sale) : still(model);
    case "meet":
      return event.name === "told" ? met(model, event.sale) : still(model);
    case "vanish":
      return event.name === "unknown" ? vanished(model, event.id) : still(model);
    case "complain":
      return event.name === "refused" ? complained(model, event) : still(model);
    case "stop":
      return stopped(model);
    case "attempt":
      return event.name === "again" ? attempted(model, event) : still(model);
    case "clear":
      return { model: { ...FIRST, screen: "amount", lost: model.lost }, effects: [{ do: "forget" }, { do: "look" }] };
  }
}

function still(model: Model, effects: readonly Effect[] = []): Stepped {
  return { model, effects };
}

/** A remembered sale is read, and shown as it is: a reload never asks for one. */
function opened(remembered: Model["terms"]): Stepped {
  if (remembered === null) return { model: { ...FIRST, screen: "amount" }, effects: [{ do: "look" }] };
  return { model: { ...FIRST, screen: "asking", terms: remembered }, effects: [{ do: "read", id: remembered.id }] };
}

/** It is remembered before it is asked for: whatever happens next finds it again. */
function begun(model: Model, terms: NonNullable<Model["terms"]>): Stepped {
  return {
    model: { ...FIRST, screen: "asking", terms, watched: true, lost: model.lost },
    effects: [
      { do: "remember", terms },
      { do: "put", terms },
    ],
  };
}

function shown(model: Model, sale: Sale): Stepped {
  if (sale.id !== model.terms?.id) return shownOther(model, sale);
  const screen = screenOf(sale);
  // What is paid or reversed stays so: what says otherwise was said before.
  const isFinal = model.screen === "paid" || model.screen === "reversed";
  if (isFinal && screen !== "paid" && screen !== "reversed") return still(model);
  if (model.screen === "reversed" && screen === "paid") return still(model);
  const watched = model.watched || isAwaited(screen);
  // A stop that came too late is told with what was paid; with anything else it is done.
  const stopping = model.stopping && (isAwaited(screen) || screen === "paid");
  const trouble = isAwaited(screen) || screen !== model.screen ? null : model.trouble;
  const next: Model = { ...model, screen, sale, watched, stopping, trouble };
  const begins = isAwaited(screen) && !isAwaited(model.screen);
  return { model: next, effects: stopping && begins ? [{ do: "cancel", id: sale.id }] : [] };
}

/** A terminal takes one sale at a time: where a card is awaited for another one, this one has ended. */
function shownOther(model: Model, sale: Sale): Stepped {
  if (!isAwaited(screenOf(sale)) || model.screen === "asking") return still(model);
  if (isAwaited(model.screen)) return still(model, model.terms === null ? [] : [{ do: "read", id: model.terms.id }]);
  return met(model, sale);
}

function met(model: Model, sale: Sale): Stepped {
  const { id, amount, currency } = sale;
  const isLost = model.lost?.terms.id === id;
  const screen = screenOf(sale);
  if (!isLost && !isAwaited(screen)) return still(model);
  const stopping = isLost && model.lost.stopping;
  const terms = { id, amount, currency };
  const effects: Effect[] = [{ do: "remember", terms }];
  if (stopping && isAwaited(screen)) effects.push({ do: "cancel", id });
  return { model: { ...FIRST, screen, terms, sale, watched: isAwaited(screen), stopping }, effects };
}

/** The terminal does not know it: nothing was asked, unless the request is still on its way. */
function vanished(model: Model, id: string): Stepped {
  const { terms, stopping } = model;
  if (terms === null || id !== terms.id || model.screen !== "asking") return still(model);
  const code = stopping ? "STOPPED_UNASKED" : "SALE_NOT_ASKED";
  const trouble = { code, message: "The terminal knows no such sale. Nothing was paid." };
  return { model: { ...FIRST, screen: "amount", lost: { terms, stopping }, trouble }, effects: [{ do: "look" }] };
}

function complained(model: Model, { id, trouble }: Extract<PageEvent, { name: "refused" }>): Stepped {
  if (id !== null && id !== model.terms?.id) return still(model);
  if (model.screen !== "asking") return { model: { ...model, trouble }, effects: [] };
  const { sale } = model;
  // Another attempt was refused: the sale is where it was.
  if (sale !== null)
    return { model: { ...model, screen: screenOf(sale), trouble }, effects: [{ do: "read", id: sale.id }] };
  // Another sale runs: it is looked for, and shown.
  return { model: { ...FIRST, screen: "amount", terms: null, trouble }, effects: [{ do: "forget" }, { do: "look" }] };
}

function stopped(model: Model): Stepped {
  const { terms } = model;
  if (terms === null || model.stopping) return still(model);
  const next = { ...model, stopping: true };
  // What was not answered yet is read first: the terminal stops no sale that it does not know.
  const effect: Effect = model.screen === "asking" ? { do: "read", id: terms.id } : { do: "cancel", id: terms.id };
  return { model: next, effects: [effect] };
}

function attempted(model: Model, { pin, word }: Extract<PageEvent, { name: "again" }>): Stepped {
  const { terms } = model;
  if (terms === null) return still(model);
  const next: Model = { ...model, screen: "asking", stopping: false, watched: true, trouble: null };
  return { model: next, effects: [{ do: "attempt", id: terms.id, pin, word }] };
}
