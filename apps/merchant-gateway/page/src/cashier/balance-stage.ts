import type { AnswerOf } from "@tallystick/gateway-client";
import { BALANCE_DEADLINE_MS, CARD_WAIT_SECONDS } from "../limits.ts";
import type { Texts } from "../texts/texts.ts";
import { type Child, Slot, write } from "../view/dom.ts";
import { pinForm } from "../view/pin-form.ts";
import { drawShape } from "../view/shapes.ts";
import type { PageParts } from "./page-parts.ts";
import { shortCard } from "./sale-words.ts";
import { detailList, listEntry, quietButton, sayFault, type Sheet } from "./sheet.ts";

type Balance = AnswerOf<"GET /v1/balance">;
type CardBalance = Balance["balances"][number];

/**
 * What is left on a card, and until when; after its PIN, its last payments. Nothing is paid, and no network is needed.
 * The reader is another's again as soon as something was read, or the cashier stops or goes elsewhere.
 */
export class BalanceStage implements Sheet {
  readonly element: HTMLElement;
  private readonly parts: PageParts;
  private readonly slot: Slot;
  private readonly fault: HTMLElement;
  private wait: AbortController | null = null;
  private balance: Balance | null = null;

  constructor(parts: PageParts) {
    this.parts = parts;
    const { make } = parts;
    this.slot = new Slot(make("div", { class: "balance", "aria-live": "polite" }));
    this.fault = make("p", { class: "told", role: "alert" });
    this.element = make(
      "section",
      { class: "sheet", "aria-labelledby": "balance-title" },
      this.fault,
      this.slot.element,
    );
  }

  async enter(): Promise<void> {
    await this.read(null);
  }

  /** Reads the card on the reader, with its last payments where its PIN is given. */
  private async read(pin: string | null): Promise<void> {
    this.leave();
    const wait = new AbortController();
    this.wait = wait;
    this.show();
    const { client, env } = this.parts;
    const lane = env.query.get("lane");
    try {
      const wanted = { ...(lane === null ? {} : { lane }), waitSeconds: CARD_WAIT_SECONDS };
      const options = { signal: wait.signal, deadlineMs: BALANCE_DEADLINE_MS };
      const balance =
        pin === null
          ? await client.call("GET /v1/balance", { query: wanted, ...options })
          : await client.call("POST /v1/balance", { body: { pin, ...wanted }, ...options });
      if (this.wait !== wait) return;
      this.balance = balance;
    } catch (error) {
      if (this.wait !== wait) return;
      sayFault(this.fault, this.parts, error);
    }
    this.wait = null;
    this.show();
  }

  /** Ends the wait, and forgets what a card showed: it is its cardholder's. */
  leave(): void {
    this.wait?.abort();
    this.wait = null;
    this.balance = null;
    write(this.fault, "");
  }

  stop(): void {
    this.leave();
    this.show();
  }

  show(): void {
    const { make, texts } = this.parts;
    const words = texts();
    const { balance } = this;
    const isWaiting = this.wait !== null;
    this.slot.show([words.language, words.locale, isWaiting, balance], () => [
      make("h1", { id: "balance-title" }, words.say("nav.balance")),
      ...(isWaiting ? this.waiting(words) : []),
      balance === null || balance.code === null
        ? null
        : make("p", { class: "fault" }, words.code(balance.code, balance.message ?? "")),
      ...(balance?.balances ?? []).map((each) => this.card(each, words)),
      this.wantsPin(balance)
        ? make(
            "section",
            { class: "used", "aria-label": words.say("balance.payments") },
            make("h2", {}, words.say("balance.payments")),
            make("p", {}, words.say("pin.text")),
            pinForm(make, words, (pin) => void this.read(pin)),
          )
        : null,
      isWaiting
        ? quietButton(this.parts, words.say("sale.stop"), {
            key: "balance-stop",
            press: () => {
              this.stop();
            },
          })
        : quietButton(this.parts, words.say("balance.again"), { key: "balance-again", press: () => void this.enter() }),
    ]);
  }

  /** A card shows its last payments to whoever knows its PIN; one that never paid here or elsewhere has none to show. */
  private wantsPin(balance: Balance | null): boolean {
    return balance !== null && balance.balances.some(({ left, payments }) => left !== null && payments === null);
  }

  private waiting(words: Texts): Child[] {
    const { make, env } = this.parts;
    return [
      drawShape(env.document, "card"),
      make("p", { class: "balance-left" }, words.say("waiting.title")),
      make("p", {}, words.say("balance.text")),
    ];
  }

  private card(balance: CardBalance, words: Texts): Child {
    const { currency, card, left, payable, withoutPin, validUntil, code, message } = balance;
    const { make, now } = this.parts;
    const money = (amount: string): string => words.money({ amount, currency });
    const rows: (readonly [string, string])[] = [[words.say("balance.until"), words.until(validUntil, now())]];
    if (payable !== null) rows.push([words.say("balance.payable"), money(payable)]);
    if (withoutPin !== null) rows.push([words.say("balance.withoutPin"), money(withoutPin.amount)]);
    if (card !== null) rows.push([words.say("balance.card"), shortCard(card)]);
    return make(
      "section",
      { class: "used", "aria-label": currency },
      left === null
        ? null
        : make("p", {}, words.say("balance.left"), make("strong", { class: "balance-left" }, money(left))),
      code === null ? null : make("p", { class: "fault" }, words.code(code, message ?? "")),
      detailList(this.parts, rows),
      ...this.payments(balance, words),
    );
  }

  private payments({ currency, payments, paymentsCode, paymentsMessage }: CardBalance, words: Texts): Child[] {
    const { make, now } = this.parts;
    if (paymentsCode !== null) return [make("p", { class: "fault" }, words.code(paymentsCode, paymentsMessage ?? ""))];
    if (payments === null) return [];
    const entries = payments.map(({ amount, time, payee, here }) =>
      listEntry(this.parts, {
        title: here ? words.say("balance.here") : shortCard(payee),
        amount: words.money({ amount, currency }),
        about: [words.dayTime(time, now())],
      }),
    );
    return [
      make("h2", {}, words.say("balance.payments")),
      entries.length === 0
        ? make("p", { class: "none" }, words.say("balance.noPayments"))
        : make("ol", { class: "payment-list" }, ...entries),
    ];
  }
}
