import { describe, expect, it } from "@jest/globals";
import type { Sale } from "@tallystick/gateway-client";
import { EVENTS, FIRST, isAwaited, type Model, type PageEvent, SCREENS, screenOf } from "./model.ts";
import { step } from "./step.ts";
import { TABLE } from "./table.ts";

const terms = { id: "one", amount: "2.50", currency: "USDC" };

function saleOf(state: Sale["state"], changes: Partial<Sale> = {}): Sale {
  return {
    ...{
      id: "one",
      state,
      code: null,
      message: "",
      amount: "2.50",
      currency: "USDC",
      cashier: null,
      reference: null,
      lane: "1",
    },
    ...{ metadata: {}, time: 1, paidAt: state === "paid" ? 2 : null, card: null, cardLeft: null, holding: false },
    ...{ may: [], refundable: null, tap: null },
    ...changes,
  };
}

const told = (sale: Sale): PageEvent => ({ name: "told", sale });
const stop: PageEvent = { name: "stop" };
const fresh: PageEvent = { name: "fresh" };
const again: PageEvent = { name: "again", pin: null, word: false };
const asked: PageEvent = { name: "asked", terms };
const amount: Model = { ...FIRST, screen: "amount" };

/** The page after some events, with everything that was to be done. */
function play(events: readonly PageEvent[], from: Model = amount) {
  let model = from;
  const done: string[] = [];
  for (const event of events) {
    const stepped = step(model, event);
    ({ model } = stepped);
    done.push(...stepped.effects.map((effect) => effect.do));
  }
  return { model, done };
}

describe("the table", () => {
  it("has every screen and every event, once", () => {
    expect(Object.keys(TABLE).sort()).toEqual([...SCREENS].sort());
    for (const row of Object.values(TABLE)) expect(Object.keys(row).sort()).toEqual([...EVENTS].sort());
  });

  it("begins a sale where none is open alone, and tries again only what is not paid", () => {
    expect(SCREENS.filter((screen) => TABLE[screen].asked !== "-")).toEqual(["amount", "refused"]);
    expect(SCREENS.filter((screen) => TABLE[screen].again !== "-")).toEqual([
      "refused",
      "repeated",
      "pin",
      "unresolved",
    ]);
    expect(SCREENS.filter((screen) => TABLE[screen].stop !== "-")).toEqual([
      ...["asking", "waiting", "card-left", "card-seen", "paying"],
    ]);
  });

  it("never shows a sale as something that the terminal did not say, whatever happens", () => {
    for (const screen of SCREENS)
      for (const event of [asked, stop, again, fresh, { name: "unknown", id: "one" } as const]) {
        const model: Model = { ...FIRST, screen, terms, sale: saleOf("refused") };
        const next = step(model, event).model.screen;
        if (next !== screen) expect(["amount", "asking", "refused"]).toContain(next);
      }
  });
});

describe("a sale on the page", () => {
  it("is remembered before it is asked for, once, whatever is pressed", () => {
    const { model, done } = play([asked, asked, again, fresh]);
    expect(done).toEqual(["remember", "put"]);
    expect(model.screen).toBe("asking");
  });

  it("is shown as the terminal says, and paid stays paid", () => {
    const seen = ["waiting", "card-seen", "paying"].map((state) => told(saleOf(state as Sale["state"])));
    const paid = play([asked, ...seen, told(saleOf("paid"))]).model;
    expect([paid.screen, paid.watched]).toEqual(["paid", true]);
    expect(play([told(saleOf("waiting")), told(saleOf("refused"))], paid).model.screen).toBe("paid");
    expect(play([told(saleOf("reversed")), told(saleOf("paid"))], paid).model.screen).toBe("reversed");
  });

  it("of what is left on a card is another one, and the refused one is asked for no more", () => {
    const rest = { id: "two", amount: "1.20", currency: "USDC" };
    const refused = told(saleOf("refused", { code: "CARD_SPENDING_CAP" }));
    const events: PageEvent[] = [asked, refused, { name: "asked", terms: rest }, { name: "asked", terms: rest }];
    const { model, done } = play(events);
    expect([model.screen, model.terms, model.sale, done]).toEqual([
      ...["asking", rest, null],
      ["remember", "put", "remember", "put"],
    ]);
    expect(play([told(saleOf("paid"))], model).model).toMatchObject({ screen: "asking", terms: rest });
  });

  it("that was paid before this page looked is a repeated answer", () => {
    const { model, done } = play([{ name: "opened", remembered: terms }, told(saleOf("paid"))], FIRST);
    expect([model.screen, model.watched, done]).toEqual(["paid", false, ["read"]]);
  });

  it("is not paid without a payment of it", () => {
    expect(screenOf(saleOf("paid", { paidAt: null }))).toBe("unresolved");
    const { model } = play([asked, told(saleOf("paid", { id: "two" }))]);
    expect(model.screen).toBe("asking");
  });

  it.each<[Sale["state"], string | null, string]>([
    ["refused", "SALE_REPEATED", "repeated"],
    ["refused", "CARD_PIN_NEEDED", "pin"],
    ["refused", "CARD_WRONG_PIN", "pin"],
    ["refused", "CARD_SPENDING_CAP", "refused"],
    ["unresolved", "TAP_TORN", "unresolved"],
  ])("that is %s with %s fills the screen %s, and may be tried again", (state, code, screen) => {
    const { model, done } = play([asked, told(saleOf(state, { code })), again]);
    expect(screenOf(saleOf(state, { code }))).toBe(screen);
    expect([model.screen, done.at(-1)]).toEqual(["asking", "attempt"]);
  });
});

describe("a stop", () => {
  it("ends the wait once, and says where it came too late", () => {
    const { model, done } = play([
      asked,
      told(saleOf("waiting")),
      stop,
      stop,
      told(saleOf("paying")),
      told(saleOf("paid")),
    ]);
    expect(done).toEqual(["remember", "put", "cancel"]);
    expect([model.screen, model.stopping]).toEqual(["paid", true]);
    const ended = play([asked, told(saleOf("waiting")), stop, told(saleOf("refused"))]).model;
    expect([ended.screen, ended.stopping]).toEqual(["refused", false]);
  });

  it("before the first answer waits for it, and ends what comes of it", () => {
    expect(play([asked, stop, told(saleOf("waiting"))]).done).toEqual(["remember", "put", "read", "cancel"]);
    const { model, done } = play([asked, stop, { name: "unknown", id: "one" }]);
    expect([model.screen, model.trouble?.code, done.at(-1)]).toEqual(["amount", "STOPPED_UNASKED", "look"]);
    const late = play([told(saleOf("waiting"))], model);
    expect([late.model.screen, late.done]).toEqual(["waiting", ["remember", "cancel"]]);
  });
});

describe("a terminal that is used by others, too", () => {
  it("shows the sale that a card is awaited for, and keeps its own", () => {
    const other = saleOf("waiting", { id: "two" });
    expect(play([told(other)]).model).toMatchObject({ screen: "waiting", terms: { id: "two" } });
    expect(play([told(saleOf("paid", { id: "two" }))]).model.screen).toBe("amount");
    expect(play([asked, told(other)]).model).toMatchObject({ screen: "asking", terms: { id: "one" } });
    const paid = play([asked, told(saleOf("paid"))]).model;
    expect(play([told(other)], paid).model).toMatchObject({ screen: "waiting", terms: { id: "two" } });
    const waiting = play([asked, told(saleOf("waiting"))]).model;
    expect(play([told(other)], waiting).done).toEqual(["read"]);
    expect(isAwaited(play([told(other)], waiting).model.screen)).toBe(true);
  });

  it("says why it refused, and looks for what runs", () => {
    const trouble = { code: "TAP_IN_PROGRESS", message: "" };
    const { model, done } = play([asked, { name: "refused", id: "one", trouble }]);
    expect([model.screen, model.trouble, done]).toEqual(["amount", trouble, ["remember", "put", "forget", "look"]]);
    const attempt = play([asked, told(saleOf("refused")), again, { name: "refused", id: "one", trouble }]);
    expect([attempt.model.screen, attempt.model.trouble, attempt.done.at(-1)]).toEqual(["refused", trouble, "read"]);
  });

  it("that wants device or person first shows nothing of a sale", () => {
    const closed = play([{ name: "closed", needed: "person" }, told(saleOf("waiting"))]).model;
    expect(closed.screen).toBe("person");
    expect(play([{ name: "opened", remembered: null }], closed).model.screen).toBe("amount");
  });
});
