import type { AnswerOf } from "@tallystick/gateway-client";
import { SHOWN_PAYOUTS, WITHDRAW_DEADLINE_MS } from "../../limits.ts";
import type { Texts } from "../../texts/texts.ts";
import { type Child, type Slot, write } from "../../view/dom.ts";
import { ask } from "../ask.ts";
import type { PageParts } from "../page-parts.ts";
import { PayeePart } from "./payee-part.ts";
import { shortCard } from "../sale-words.ts";
import { detailList, listEntry, quietButton, sayFault, type Sheet, sheetFrame } from "../sheet.ts";

type Money = AnswerOf<"GET /v1/money">;
type CurrencyMoney = Money["currencies"][number];
type Stage = CurrencyMoney["stages"][number];
type Payout = AnswerOf<"POST /v1/money/withdraw">["payouts"][number];

/** Where the merchant's money is, and the payout of what the vault holds. Every sum is the terminal's own. */
export class MoneyStage implements Sheet {
  readonly element: HTMLElement;
  private readonly parts: PageParts;
  private readonly slot: Slot;
  private readonly told: HTMLElement;
  private readonly payee: PayeePart;
  private money: Money | null = null;
  private isAsking = false;
  private isPaying = false;
  /** Payouts that this terminal cannot send: what somebody else sends for it. */
  private calls: readonly Payout[] = [];

  constructor(parts: PageParts) {
    this.parts = parts;
    this.payee = new PayeePart(parts);
    const frame = sheetFrame(parts, "money-title");
    this.element = frame.element;
    this.slot = frame.slot;
    this.told = frame.told;
  }

  async enter(): Promise<void> {
    this.leave();
    await this.read();
  }

  /** Forgets what somebody was shown: who comes next may see less. */
  leave(): void {
    write(this.told, "");
    this.calls = [];
    this.money = null;
    this.payee.forget();
  }

  show(): void {
    const { make, texts } = this.parts;
    const words = texts();
    const { money, isAsking, isPaying, calls } = this;
    this.slot.show([words.language, words.locale, money, isAsking, isPaying, calls, ...this.payee.shown], () => [
      make("h1", { id: "money-title" }, words.say("nav.money")),
      money === null && isAsking ? make("p", {}, words.say("state.asking")) : null,
      ...(money === null ? [] : this.everything(money, words)),
      quietButton(this.parts, words.say("money.again"), {
        key: "money-again",
        disabled: isAsking,
        press: () => void this.enter(),
      }),
    ]);
  }

  private everything({ payee, currencies, notices }: Money, words: Texts): Child[] {
    const { make } = this.parts;
    const notes = notices.map(({ code, message }) => make("li", {}, words.code(code, message)));
    return [
      notes.length === 0 ? null : make("ul", { class: "notes" }, ...notes),
      ...currencies.map((each) => this.currency(each, words)),
      make("p", { class: "about" }, words.say("money.payee")),
      make("p", { class: "wire", dir: "ltr" }, payee),
      ...this.payee.units(words, (currency) => void this.came(currency)),
      ...this.payee.list(words),
    ];
  }

  /** The owner has seen the first unit. */
  private async came(currency: string): Promise<void> {
    try {
      await this.payee.came(currency);
    } catch (error) {
      sayFault(this.told, this.parts, error);
    }
    this.show();
  }

  private currency(each: CurrencyMoney, words: Texts): HTMLElement {
    const { make, now } = this.parts;
    const { currency, stages, account, nextPayout, payouts } = each;
    const shown = stages.filter(({ count }) => count > 0);
    const money = (amount: string): string => words.money({ amount, currency });
    const rows: (readonly [string, string])[] = [];
    if (account !== null) {
      const time = words.dayTime(account.asOf, now());
      rows.push([words.say("money.vault"), `${money(account.owed)} · ${words.say("money.asOf", { time })}`]);
    }
    if (nextPayout !== null) rows.push([words.say("money.next"), words.dayTime(nextPayout, now())]);
    const paid = (payouts ?? []).slice(0, SHOWN_PAYOUTS);
    if (paid.length > 0)
      rows.push([
        words.say("money.payouts"),
        paid.map(({ amount, tx }) => `${money(amount)} · ${shortCard(tx)}`).join("; "),
      ]);
    return make(
      "section",
      { class: "used", "aria-label": currency },
      make("h2", {}, currency),
      shown.length === 0
        ? make("p", {}, words.say("payments.none"))
        : make("ol", { class: "payment-list" }, ...shown.map((stage) => this.stage(stage, { money, words }))),
      rows.length === 0 ? null : detailList(this.parts, rows),
      quietButton(this.parts, words.say(this.isPaying ? "money.paying" : "money.withdraw"), {
        key: `withdraw-${currency}`,
        disabled: this.isPaying,
        press: () => void this.withdraw(currency),
      }),
      ...this.calls.filter((call) => call.currency === currency).map((call) => this.call(call, words)),
    );
  }

  private stage(
    { stage, saidBy, count, sum, oldest, newest }: Stage,
    { money, words }: { readonly money: (amount: string) => string; readonly words: Texts },
  ): HTMLElement {
    const times = [oldest, newest].flatMap((time) => (time === null ? [] : words.dayTime(time, this.parts.now())));
    const about = [
      words.say("money.count", { count: words.count(count) }),
      words.say(`said.${saidBy}`),
      [...new Set(times)].join(" – "),
    ];
    return listEntry(this.parts, { title: words.say(`stage.${stage}`), amount: money(sum), about });
  }

  /** The call as it is to be sent, whole: whoever sends it copies it. */
  private call({ call }: Payout, words: Texts): Child {
    const { make } = this.parts;
    if (call === null) return null;
    const rows = [
      [words.say("money.chain"), call.chainId],
      [words.say("money.to"), call.to],
      [words.say("money.data"), call.data],
    ] as const;
    return make(
      "div",
      { class: "call" },
      make("p", {}, words.say("money.call")),
      ...rows.flatMap(([name, value]) => [
        make("p", { class: "about" }, name),
        make("p", { class: "wire", dir: "ltr" }, value),
      ]),
    );
  }

  private async withdraw(currency: string): Promise<void> {
    const { make, texts, client } = this.parts;
    const words = texts();
    if (this.money === null || this.isPaying) return;
    const yes = await ask(make, this.element, {
      title: words.say("money.withdraw"),
      text: words.say("money.ask", { currency, payee: `\u2068${this.money.payee}\u2069` }),
      ...{ yes: words.say("money.yes"), no: words.say("ask.keep"), field: null, check: () => null },
    });
    if (yes === null) return;
    this.isPaying = true;
    this.calls = [];
    this.show();
    try {
      const options = { body: { currency }, deadlineMs: WITHDRAW_DEADLINE_MS };
      const { payouts } = await client.call("POST /v1/money/withdraw", options);
      this.calls = payouts.filter(({ call }) => call !== null);
      write(this.told, payouts.map((payout) => payoutText(payout, texts())).join(" "));
    } catch (error) {
      sayFault(this.told, this.parts, error);
    }
    this.isPaying = false;
    await this.read();
  }

  /** What stands beside the money; the money is shown without it. */
  private async readPayee(): Promise<void> {
    if (this.money === null) return;
    try {
      await this.payee.read();
    } catch (error) {
      sayFault(this.told, this.parts, error);
    }
  }

  private async read(): Promise<void> {
    this.isAsking = true;
    this.show();
    try {
      this.money = await this.parts.client.call("GET /v1/money");
    } catch (error) {
      this.money = null;
      sayFault(this.told, this.parts, error);
    }
    await this.readPayee();
    this.isAsking = false;
    this.show();
  }
}

/** What came of a payout. */
function payoutText({ state, tx, amount, currency }: Payout, words: Texts): string {
  if (state === "nothing") return words.say("money.nothing");
  if (state === "call") return words.say("money.noKey");
  const values = { tx: shortCard(tx ?? "") };
  return amount === null
    ? words.say("money.under", values)
    : words.say("money.sent", { ...values, amount: words.money({ amount, currency }) });
}
