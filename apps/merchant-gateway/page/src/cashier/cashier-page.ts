import { GatewayClient } from "@tallystick/gateway-client";
import type { Environment } from "../environment.ts";
import { RETRY_MS } from "../limits.ts";
import { isAwaited } from "../machine/model.ts";
import { Memory } from "../talk/memory.ts";
import { ReadinessWatch } from "../talk/readiness-watch.ts";
import { SaleTalk, troubleOf } from "../talk/sale-talk.ts";
import { SessionTalk } from "../talk/session.ts";
import { chooseLanguage, type Language } from "../texts/catalogue.ts";
import { loadTexts } from "../texts/load-texts.ts";
import type { Texts } from "../texts/texts.ts";
import { makerOf, write } from "../view/dom.ts";
import { soundOf, Speaker } from "../view/sound.ts";
import { AmountStage } from "./amount-stage.ts";
import { BalanceStage } from "./balance-stage.ts";
import { Bar } from "./bar.ts";
import { DoorsStage } from "./doors-stage.ts";
import { MoneyStage } from "./money/money-stage.ts";
import { MoreStage } from "./more-stage.ts";
import type { PageParts } from "./page-parts.ts";
import { PaymentsStage } from "./payments-stage.ts";
import { ReportsStage } from "./reports-stage.ts";
import { SaleStage } from "./sale-stage.ts";
import { isSaleScreen } from "./sale-words.ts";
import type { Place, Sheet } from "./sheet.ts";
import { StateStage } from "./state-stage.ts";

/** The cashier's page: a view of what the terminal says. */
export class CashierPage {
  private readonly env: Environment;
  private readonly parts: PageParts;
  private readonly bar: Bar;
  private readonly main: HTMLElement;
  private readonly spoken: HTMLElement;
  private readonly amount: AmountStage;
  private readonly sale: SaleStage;
  private readonly payments: PaymentsStage;
  private readonly balance: BalanceStage;
  private readonly sheets: { readonly [place in Exclude<Place, "sell">]: Sheet };
  private readonly doors: DoorsStage;
  private readonly speaker: Speaker;
  private texts: Texts;
  private place: Place = "sell";
  private shown = "";
  private retry: () => void = () => undefined;
  private readonly onKey = (event: KeyboardEvent): void => {
    this.key(event);
  };

  private constructor(
    env: Environment,
    made: Pick<PageParts, "client" | "memory" | "readiness"> & { readonly texts: Texts },
  ) {
    this.env = env;
    this.texts = made.texts;
    const { client, memory, readiness } = made;
    const make = makerOf(env.document);
    const session = new SessionTalk(client);
    const onChange = (): void => {
      this.show();
    };
    const lane = env.query.get("lane");
    const cashier = (): string | null => session.now.person?.name ?? null;
    const talk = new SaleTalk({
      ...{ client, memory, after: env.after, lane, cashier, onChange },
      shownLane: () => readiness.laneOf(lane),
    });
    readiness.onChange = (refusal) => {
      this.refused(refusal);
    };
    const now = (): number => readiness.now?.clock.now ?? Math.floor(env.now() / 1_000);
    this.parts = { env, make, client, memory, talk, readiness, session, texts: () => this.texts, now };
    this.speaker = new Speaker(env.window, memory.choice("sound") !== "off");
    this.amount = new AmountStage(this.parts);
    this.sale = new SaleStage(this.parts);
    this.payments = new PaymentsStage(this.parts);
    this.balance = new BalanceStage(this.parts);
    const go = (place: Place): void => {
      this.go(place);
    };
    this.sheets = {
      ...{ payments: this.payments, balance: this.balance, state: new StateStage(this.parts) },
      ...{ more: new MoreStage(this.parts, go), money: new MoneyStage(this.parts) },
      reports: new ReportsStage(this.parts),
    };
    this.doors = new DoorsStage(this.parts, () => void this.open());
    this.bar = new Bar(this.parts, {
      go,
      choose: (language) => void this.choose(language),
      mute: () => {
        this.mute();
      },
      signOut: () => void this.signOut(),
    });
    this.main = make("main", { id: "stage", tabindex: -1 });
    this.spoken = make("div", { class: "hidden", "aria-live": "assertive", role: "alert", id: "spoken" });
    env.document.body.replaceChildren(this.bar.element, this.main, this.spoken);
    env.document.addEventListener("keydown", this.onKey);
  }

  /** Draws the page and begins to talk to the terminal. */
  static async begin(env: Environment): Promise<CashierPage> {
    const memory = new Memory(env.storage, env.query.get("lane"));
    const client = new GatewayClient({ fetch: env.fetch, url: ".", after: env.after });
    const readiness = new ReadinessWatch(client, env.after);
    const language = chooseLanguage(env.query.get("lang") ?? memory.choice("language"), env.languages);
    const texts = await loadTexts(env, language, readiness);
    const page = new CashierPage(env, { client, memory, readiness, texts });
    page.show();
    void page.parts.readiness.begin();
    void page.open();
    return page;
  }

  /** For a page that is left. */
  close(): void {
    this.retry();
    this.parts.talk.close();
    this.parts.readiness.close();
    this.env.document.removeEventListener("keydown", this.onKey);
  }

  /** Asks who uses this page; opens it where nothing more is needed. */
  private async open(): Promise<void> {
    const { session, talk } = this.parts;
    this.retry();
    try {
      const { needed } = await session.read();
      if (needed === "none") talk.open();
      else talk.dispatch({ name: "closed", needed });
    } catch {
      this.retry = this.env.after(RETRY_MS, () => void this.open());
    }
    this.show();
  }

  private refused(refusal: unknown): void {
    const { code } = refusal === null ? { code: "" } : troubleOf(refusal);
    if (code === "PAIRING_NEEDED" || code === "PERSON_NEEDED") void this.open();
    this.show();
    if (this.place === "payments" && !this.hasDialog()) void this.payments.refresh();
  }

  private hasDialog(): boolean {
    return this.env.document.querySelector("dialog") !== null;
  }

  private show(): void {
    const { document } = this.env;
    const { talk, readiness } = this.parts;
    const { screen } = talk.model;
    const { language, direction } = this.texts;
    document.documentElement.lang = language;
    document.documentElement.dir = direction;
    document.title = `${this.texts.say("app.name")} · Tallystick`;
    const isOpen = screen !== "starting" && screen !== "pairing" && screen !== "person";
    // What a card is awaited for fills the page, wherever the cashier was; who signs in next begins there.
    if (!isOpen || isAwaited(screen) || screen === "asking") this.move("sell");
    const { place } = this;
    this.bar.show({ place, isOpen, isUp: talk.isUp || readiness.now !== null, hasSound: this.speaker.isOn });
    document.body.dataset["screen"] = screen;
    document.body.toggleAttribute("data-filled", !isOpen || (place === "sell" && screen !== "amount"));
    document.body.dataset["sale"] = talk.model.terms?.id ?? "";
    document.body.dataset["line"] = talk.isUp ? "up" : "down";
    const said = this.showStage(screen, place);
    if (said !== null) write(this.spoken, said);
  }

  private showStage(screen: string, place: Place): string | null {
    const { model } = this.parts.talk;
    if (model.screen === "pairing" || model.screen === "person") {
      this.doors.show(model.screen);
      this.put(this.doors.element, model.screen);
      return null;
    }
    if (place !== "sell") {
      const sheet = this.sheets[place];
      sheet.show();
      this.put(sheet.element, place);
      return null;
    }
    if (isSaleScreen(model.screen)) {
      const said = this.sale.show(model);
      if (this.put(this.sale.element, `sale ${screen}`)) this.come();
      return said;
    }
    this.showAmount();
    return null;
  }

  private showAmount(): void {
    const { model } = this.parts.talk;
    this.amount.show();
    if (!this.put(this.amount.element, "amount")) return;
    if (model.lost !== null) this.amount.fill(model.lost.terms.amount);
    else if (model.trouble === null) this.amount.clear();
    this.amount.trouble(model.trouble === null ? null : this.texts.code(model.trouble.code, model.trouble.message));
    this.amount.focus();
  }

  /** Shows one stage; answers whether another one was shown before. */
  private put(stage: HTMLElement, name: string): boolean {
    if (this.shown === name) return false;
    this.shown = name;
    if (this.main.firstElementChild !== stage) this.main.replaceChildren(stage);
    return true;
  }

  /** A new screen of a sale: its sound, and the focus away from what was pressed. */
  private come(): void {
    const { screen } = this.parts.talk.model;
    const sound = soundOf(screen);
    if (sound !== null) this.speaker.play(sound);
    if (screen === "pin") this.sale.element.querySelector("input")?.focus();
    else this.main.focus({ preventScroll: true });
  }

  /** Escape stops, at any moment; Enter begins, or takes the next sale. A key that is held down counts once. */
  private key(event: KeyboardEvent): void {
    const { talk } = this.parts;
    const { screen } = talk.model;
    if (this.hasDialog() || event.repeat || event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.key === "Escape") {
      if (this.place === "balance") this.balance.stop();
      else if (screen === "amount" && this.place === "sell") this.amount.clear();
      else talk.dispatch({ name: "stop" });
      return;
    }
    const isLoose = event.target === this.env.document.body || event.target === this.main;
    if (event.key === "Enter" && isLoose && ["paid", "refused", "reversed"].includes(screen)) {
      event.preventDefault();
      talk.dispatch({ name: "fresh" });
    } else if (screen === "amount" && isLoose && event.key.length === 1) this.amount.focus();
  }

  /** Leaves what is open for something else. */
  private move(place: Place): void {
    const before = this.place;
    this.place = place;
    if (before !== place && before !== "sell") this.sheets[before].leave?.();
  }

  private go(wanted: Place): void {
    this.move(wanted);
    this.show();
    const { place } = this;
    if (place !== "sell") void this.sheets[place].enter?.();
    if (place === "sell" && this.parts.talk.model.screen === "amount") this.amount.focus();
    else this.main.focus({ preventScroll: true });
  }

  private async choose(language: Language): Promise<void> {
    this.texts = await loadTexts(this.env, language, this.parts.readiness);
    this.parts.memory.choose("language", language);
    this.show();
  }

  private mute(): void {
    this.speaker.isOn = !this.speaker.isOn;
    this.parts.memory.choose("sound", this.speaker.isOn ? "on" : "off");
    this.show();
  }

  private async signOut(): Promise<void> {
    await this.parts.session.signOut().catch(() => undefined);
    await this.open();
  }
}
