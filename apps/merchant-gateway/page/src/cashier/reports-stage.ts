import type { AnswerOf } from "@tallystick/gateway-client";
import type { Texts } from "../texts/texts.ts";
import { type Child, type Slot, write } from "../view/dom.ts";
import { ask } from "./ask.ts";
import type { PageParts } from "./page-parts.ts";
import { listEntry, quietButton, sayFault, type Sheet, sheetFrame } from "./sheet.ts";

type Report = AnswerOf<"GET /v1/reports/x">;
type Sums = Omit<Report["totals"][number], "currency">;

/** Sums of a report that are a count and an amount, in their order. */
const COUNTED = ["payments", "reversals", "refunds", "refundsRefused", "unresolved"] as const;

/** What has come since the last Z, the end of a day, and the days before with their entries as CSV. */
export class ReportsStage implements Sheet {
  readonly element: HTMLElement;
  private readonly parts: PageParts;
  private readonly slot: Slot;
  private readonly told: HTMLElement;
  private open: Report | null = null;
  private closed: readonly Report[] = [];
  /** Where the list goes on; null at its end. */
  private next: number | null = null;
  private isBusy = false;

  constructor(parts: PageParts) {
    this.parts = parts;
    const frame = sheetFrame(parts, "reports-title");
    this.element = frame.element;
    this.slot = frame.slot;
    this.told = frame.told;
  }

  /** Forgets what was counted: whoever comes next may see less. */
  leave(): void {
    write(this.told, "");
    this.open = null;
    [this.closed, this.next] = [[], null];
  }

  async enter(): Promise<void> {
    this.leave();
    await this.read();
  }

  show(): void {
    const { make, texts } = this.parts;
    const words = texts();
    const { open, closed, next, isBusy } = this;
    this.slot.show([words.language, words.locale, open, closed, next, isBusy], () => [
      make("h1", { id: "reports-title" }, words.say("nav.reports")),
      open === null && isBusy ? make("p", {}, words.say("state.asking")) : null,
      ...(open === null ? [this.again(words)] : [this.period(open, words), this.closedList(words)]),
    ]);
  }

  private again(words: Texts): HTMLElement {
    return quietButton(this.parts, words.say("reports.now"), {
      key: "reports-now",
      disabled: this.isBusy,
      press: () => void this.enter(),
    });
  }

  private period(open: Report, words: Texts): HTMLElement {
    const { make, now } = this.parts;
    const { since, totals, lines } = open;
    const from =
      since === null ? words.say("reports.start") : words.say("reports.since", { time: words.dayTime(since, now()) });
    const ofLines = lines.map(({ currency, cashier, lane, ...sums }) =>
      this.table(sums, { currency, words, title: `${cashier ?? words.say("reports.nobody")} · ${lane} · ${currency}` }),
    );
    return make(
      "section",
      { class: "used", "aria-labelledby": "reports-open" },
      make("h2", { id: "reports-open" }, words.say("reports.open")),
      make("p", { class: "about" }, from),
      totals.length === 0 ? make("p", {}, words.say("payments.none")) : null,
      ...totals.map(({ currency, ...sums }) => this.table(sums, { currency, words, title: currency })),
      ofLines.length === 0 ? null : make("details", {}, make("summary", {}, words.say("reports.lines")), ...ofLines),
      make(
        "div",
        { class: "row" },
        make(
          "button",
          {
            ...{ type: "button", class: "primary", "data-key": "close-day", disabled: this.isBusy },
            click: () => void this.close(open.number),
          },
          words.say("reports.close"),
        ),
        this.again(words),
        this.csv("x", words.say("reports.csv"), words.say("reports.csvOpen")),
      ),
    );
  }

  private table(
    sums: Sums,
    { currency, title, words }: { readonly currency: string; readonly title: string; readonly words: Texts },
  ): HTMLElement {
    const { make } = this.parts;
    const rows = COUNTED.filter((name) => name === "payments" || sums[name].count > 0).map((name) =>
      make(
        "tr",
        {},
        make("th", { scope: "row" }, words.say(`reports.${name}`)),
        make("td", {}, words.count(sums[name].count)),
        make("td", {}, words.money({ amount: sums[name].sum, currency })),
      ),
    );
    return make(
      "table",
      { class: "sums" },
      make("caption", {}, title),
      make(
        "tbody",
        {},
        ...rows,
        make(
          "tr",
          { class: "net" },
          make("th", { scope: "row", colspan: 2 }, words.say("reports.net")),
          make("td", {}, words.money({ amount: sums.net, currency })),
        ),
      ),
    );
  }

  private closedList(words: Texts): HTMLElement {
    const { make } = this.parts;
    const { next } = this;
    const older =
      next === null
        ? null
        : quietButton(this.parts, words.say("payments.older"), {
            key: "reports-older",
            disabled: this.isBusy,
            press: () => void this.older(next),
          });
    return make(
      "section",
      { "aria-labelledby": "reports-closed" },
      make("h2", { id: "reports-closed" }, words.say("reports.closed")),
      this.closed.length === 0
        ? make("p", { class: "none" }, words.say("reports.none"))
        : make("ol", { class: "payment-list" }, ...this.closed.map((report) => this.row(report, words))),
      older,
    );
  }

  private row({ number, at, by, totals }: Report, words: Texts): HTMLElement {
    const shown = words.count(number);
    return listEntry(
      this.parts,
      {
        title: words.say("reports.number", { number: shown }),
        amount: totals.map(({ net, currency }) => words.money({ amount: net, currency })).join(", "),
        about: [words.dayTime(at, this.parts.now()), by ?? ""],
      },
      this.csv(number, words.say("reports.csv"), words.say("reports.csvOf", { number: shown })),
    );
  }

  private csv(which: number | "x", label: string, name: string): Child {
    const { make, client } = this.parts;
    const href = `${client.parts.url}/v1/reports/${which}.csv`;
    return make("a", { class: "file", href, download: `report-${which}.csv`, "aria-label": name }, label);
  }

  /** Asked for by its number: a lost answer that is asked for again closes nothing more. */
  private async close(number: number): Promise<void> {
    const { make, texts, client } = this.parts;
    const words = texts();
    if (this.isBusy) return;
    const yes = await ask(make, this.element, {
      title: words.say("reports.close"),
      text: words.say("reports.ask", { number: words.count(number) }),
      ...{ yes: words.say("reports.yes"), no: words.say("ask.keep"), field: null, check: () => null },
    });
    if (yes === null || this.isBusy) return;
    this.isBusy = true;
    this.show();
    try {
      const report = await client.call("POST /v1/reports/z", { body: { number } });
      write(this.told, texts().say("reports.done", { number: texts().count(report.number) }));
    } catch (error) {
      sayFault(this.told, this.parts, error);
    }
    await this.read();
  }

  private async read(): Promise<void> {
    const { client } = this.parts;
    await this.work(async () => {
      this.open = await client.call("GET /v1/reports/x");
      const { reports, next } = await client.call("GET /v1/reports");
      [this.closed, this.next] = [reports, next];
    });
  }

  private async older(cursor: number): Promise<void> {
    await this.work(async () => {
      const { reports, next } = await this.parts.client.call("GET /v1/reports", { query: { cursor } });
      [this.closed, this.next] = [[...this.closed, ...reports], next];
    });
  }

  private async work(read: () => Promise<void>): Promise<void> {
    this.isBusy = true;
    this.show();
    try {
      await read();
    } catch (error) {
      sayFault(this.told, this.parts, error);
    }
    this.isBusy = false;
    this.show();
  }
}
