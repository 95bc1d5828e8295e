import { SYNC_DEADLINE_MS } from "../limits.ts";
import type { Readiness } from "../talk/readiness-watch.ts";
import { troubleOf } from "../talk/sale-talk.ts";
import type { Texts } from "../texts/texts.ts";
import { type Child, Slot, write } from "../view/dom.ts";
import { noticeOf } from "./bar.ts";
import type { PageParts } from "./page-parts.ts";
import type { Sheet } from "./sheet.ts";

const SHARES = ["listAge", "oldestUnsent", "unsentSum", "unsentCount", "certificate"] as const;

/** What the terminal holds, how far its limits are used, and its connections. */
export class StateStage implements Sheet {
  readonly element: HTMLElement;
  private readonly parts: PageParts;
  private readonly slot: Slot;
  private readonly told: HTMLElement;
  private isSending = false;

  constructor(parts: PageParts) {
    this.parts = parts;
    const { make } = parts;
    this.slot = new Slot(make("div", {}));
    this.told = make("p", { class: "told", role: "status" });
    this.element = make("section", { class: "sheet", "aria-labelledby": "state-title" }, this.slot.element, this.told);
  }

  show(): void {
    const { make, texts, readiness } = this.parts;
    const words = texts();
    const terminal = readiness.last;
    this.slot.show([words.language, words.locale, terminal, this.isSending], () => [
      make("h1", { id: "state-title" }, words.say("terminal.title")),
      this.notes(words),
      terminal === null
        ? make("p", {}, words.say("state.asking"))
        : make("dl", { class: "details" }, ...this.details(terminal, words)),
      ...(terminal?.currencies ?? []).map((currency) => this.usedOf(currency, words)),
      this.button(),
    ]);
  }

  /** Everything that the bar says, which may have room for the first of it alone. */
  private notes(words: Texts): Child {
    const { make, readiness, now, talk } = this.parts;
    const { lines } = noticeOf(readiness.now, { words, isUp: talk.isUp, now: now() });
    return lines.length === 0 ? null : make("ul", { class: "notes" }, ...lines.map((line) => make("li", {}, line)));
  }

  private details(terminal: Readiness, words: Texts): Child[] {
    const { make } = this.parts;
    const { statusList: list } = terminal;
    const listText =
      list === null
        ? words.say("terminal.noList")
        : words.say("terminal.listOf", { number: words.count(list.seq), duration: words.duration(list.ageSeconds) });
    const rows: readonly (readonly [string, string])[] = [
      [words.say("terminal.unsent"), unsentText(terminal, words)],
      [words.say("terminal.settlement"), exchangeText(terminal, words)],
      [words.say("terminal.list"), listText],
      ...this.parts.readiness
        .readers()
        .map(([lane, { name, state, rate }]): readonly [string, string] => [
          lane === null ? words.say("terminal.reader") : `${words.say("terminal.reader")} · ${lane}`,
          [`${name}: ${words.say(`reader.${state}`)}`, ...rateText(rate, words)].join(" · "),
        ]),
      [words.say("terminal.clock"), clockText(terminal, words)],
    ];
    return rows.map(([name, value]) => make("div", {}, make("dt", {}, name), make("dd", {}, value)));
  }

  private usedOf({ currency, used, sellsUntil, reasons }: Readiness["currencies"][number], words: Texts): Child {
    const { make, now } = this.parts;
    const shares = SHARES.flatMap((name) => {
      const share = used[name];
      if (share === null) return [];
      const label = words.say(`used.${name}`);
      const meter = make("meter", {
        min: 0,
        max: 1,
        high: 0.8,
        optimum: 0,
        value: Math.min(1, share),
        "aria-label": label,
      });
      return [make("li", {}, make("span", {}, label), meter, make("span", { class: "number" }, words.percent(share)))];
    });
    const until =
      sellsUntil === null ? null : make("p", {}, words.say("state.until", { time: words.until(sellsUntil, now()) }));
    const why = reasons.map(({ code, message }) => make("p", {}, words.code(code, message)));
    return make(
      "section",
      { class: "used", "aria-label": `${words.say("terminal.used")}: ${currency}` },
      make("h2", {}, currency),
      until,
      ...why,
      make("ul", { class: "shares" }, ...shares),
    );
  }

  private button(): Child {
    const { make, texts } = this.parts;
    const label = texts().say(this.isSending ? "terminal.sending" : "terminal.send");
    return make(
      "button",
      { type: "button", class: "quiet", disabled: this.isSending, "data-key": "send", click: () => void this.send() },
      label,
    );
  }

  private async send(): Promise<void> {
    const { client, texts, readiness } = this.parts;
    this.isSending = true;
    this.show();
    try {
      const { uploaded, faults } = await client.call("POST /v1/sync", { body: {}, deadlineMs: SYNC_DEADLINE_MS });
      const [fault] = faults;
      const words = texts();
      const count = words.count(uploaded.new + uploaded.duplicate + uploaded.forked);
      const sent =
        uploaded.refused === 0
          ? words.say("terminal.sent", { count })
          : words.say("terminal.sentRefused", { count, refused: words.count(uploaded.refused) });
      write(this.told, fault === undefined ? sent : words.code(fault.code, fault.message));
    } catch (error) {
      const { code, message } = troubleOf(error);
      write(this.told, texts().code(code, message));
    }
    this.isSending = false;
    await readiness.begin();
    this.show();
  }
}

function unsentText({ unsent, limits, currency }: Readiness, words: Texts): string {
  if (unsent.count === 0) return words.say("terminal.nothing");
  const sum = words.money({ amount: unsent.sum, currency });
  const count = words.count(unsent.count);
  const text =
    limits.unsentSum === null
      ? words.say("terminal.unsentSum", { sum, count })
      : words.say("terminal.unsentOf", { sum, count, most: words.money({ amount: limits.unsentSum, currency }) });
  if (unsent.oldestSeconds === null) return text;
  return `${text}; ${words.say("terminal.oldest", { duration: words.duration(unsent.oldestSeconds) })}`;
}

function exchangeText({ lastExchange, clock }: Readiness, words: Texts): string {
  if (lastExchange === null) return words.say("terminal.notAsked");
  const duration = words.duration(clock.now - lastExchange.at);
  return words.say(lastExchange.faults.length === 0 ? "terminal.answered" : "terminal.failed", { duration });
}

function clockText({ clock: { now, confirmed, rightTime } }: Readiness, words: Texts): string {
  if (confirmed) return words.say("terminal.clockConfirmed", { time: words.time(now) });
  if (rightTime === null) return words.say("terminal.clockUnconfirmed");
  return words.say("terminal.clockWrong", {
    time: words.dayTime(now, rightTime),
    right: words.dayTime(rightTime, rightTime),
  });
}

/** At what rate the last card spoke, and what a slow one costs; nothing where the reader does not tell. */
function rateText({ kbps, slowerByMs }: Readiness["reader"]["rate"], words: Texts): readonly string[] {
  if (kbps === null) return [];
  const rate = words.count(kbps);
  const isSlow = slowerByMs !== null && slowerByMs > 0;
  return [
    isSlow ? words.say("reader.slower", { rate, ms: words.count(slowerByMs) }) : words.say("reader.rate", { rate }),
  ];
}
