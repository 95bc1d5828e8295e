import type { AnswerOf } from "@tallystick/gateway-client";
import { BALANCE_DEADLINE_MS, CARD_WAIT_SECONDS } from "../limits.ts";
import type { Texts } from "../texts/texts.ts";
import { type Child, Slot, write } from "../view/dom.ts";
import { drawShape } from "../view/shapes.ts";
import type { PageParts } from "./page-parts.ts";
import { shortCard } from "./sale-words.ts";
import { detailList, quietButton, sayFault, type Sheet } from "./sheet.ts";

type Balance = AnswerOf<"GET /v1/balance">;
type CardBalance = Balance["balances"][number];

/**
 * What is left on a card, and until when. Nothing is paid, and no network is needed. The reader is another's again
 * as soon as something was read, or the cashier stops or goes elsewhere.
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
    this.leave();
    const wait = new AbortController();
    this.wait = wait;
    this.show();
    const { client, env } = this.parts;
    const lane = env.query.get("lane") ?? undefined;
    try {
      const balance = await client.call("GET /v1/balance", {
        query: { lane, waitSeconds: CARD_WAIT_SECONDS },
        signal: wait.signal,
        deadlineMs: BALANCE_DEADLINE_MS,
      });
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

  private waiting(words: Texts): Child[] {
    const { make, env } = this.parts;
    return [
      drawShape(env.document, "card"),
      make("p", { class: "balance-left" }, words.say("waiting.title")),
      make("p", {}, words.say("balance.text")),
    ];
  }

  private card(
    { currency, card, left, payable, withoutPin, validUntil, code, message }: CardBalance,
    words: Texts,
  ): Child {
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
    );
  }
}
