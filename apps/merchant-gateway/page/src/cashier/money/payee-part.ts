import type { AnswerOf } from "@tallystick/gateway-client";
import { SHOWN_OTHER_PAYMENTS } from "../../limits.ts";
import type { Texts } from "../../texts/texts.ts";
import type { Child } from "../../view/dom.ts";
import type { PageParts } from "../page-parts.ts";
import { shortCard } from "../sale-words.ts";
import { listEntry, quietButton } from "../sheet.ts";

type Payee = AnswerOf<"GET /v1/payee">;
type Unit = Payee["firstUnits"][number];
type OtherPayment = AnswerOf<"GET /v1/payee/payments">["payments"][number];

/** Settlement's states in the words of the merchant's own payments. */
const PLACES: Readonly<Record<string, "received" | "batch" | "vault" | "paid-out">> = {
  ...{ received: "received", skipped: "received", batched: "batch", mined: "batch" },
  ...{ final: "vault", compensated: "paid-out" },
};

/** Who is paid: whether somebody saw that it is, and what the payee's other terminals took. */
export class PayeePart {
  private readonly parts: PageParts;
  private payee: Payee | null = null;
  private others: readonly OtherPayment[] = [];

  constructor(parts: PageParts) {
    this.parts = parts;
  }

  /** What the sheet is drawn anew for. */
  get shown(): readonly unknown[] {
    return [this.payee, this.others];
  }

  forget(): void {
    this.payee = null;
    this.others = [];
  }

  async read(): Promise<void> {
    const { client } = this.parts;
    this.payee = await client.call("GET /v1/payee");
    this.others = (await client.call("GET /v1/payee/payments")).payments;
  }

  /** The owner saw the first unit of a currency. */
  async came(currency: string): Promise<void> {
    this.payee = await this.parts.client.call("POST /v1/payee/confirmation", { body: { currency } });
  }

  /** A sentence and a button for each unit that nobody has seen yet. */
  units(words: Texts, came: (currency: string) => void): readonly Child[] {
    const sent = this.payee?.firstUnits.filter(({ state }) => state === "sent") ?? [];
    return sent.map((unit) => this.unit(unit, words, came));
  }

  private unit({ currency, amount, tx }: Unit, words: Texts, came: (currency: string) => void): Child {
    const { make } = this.parts;
    const values = { amount: words.money({ amount: amount ?? "0", currency }), tx: shortCard(tx ?? "") };
    return make(
      "div",
      { class: "call" },
      make("p", {}, words.say(tx === null ? "payee.coming" : "payee.sent", values)),
      tx === null
        ? null
        : quietButton(this.parts, words.say("payee.came"), {
            key: `came-${currency}`,
            press: () => {
              came(currency);
            },
          }),
    );
  }

  /** What other terminals of the payee took: nothing can be done with it here. */
  list(words: Texts): readonly Child[] {
    const { make, now } = this.parts;
    if (this.others.length === 0) return [];
    const entries = this.others.slice(0, SHOWN_OTHER_PAYMENTS).map((payment) => {
      const { amount, currency, soldAt, terminalId, state, code } = payment;
      const place = PLACES[state];
      return listEntry(this.parts, {
        title: words.say("payee.terminal", { terminal: `\u2068${terminalId}\u2069` }),
        amount: words.money({ amount, currency }),
        about: [words.dayTime(soldAt, now()), words.say(`stage.${place ?? "attention"}`), code ?? ""],
      });
    });
    return [
      make("h2", {}, words.say("payee.others")),
      make("p", { class: "about" }, words.say("payee.othersAbout")),
      make("ol", { class: "payment-list" }, ...entries),
    ];
  }
}
