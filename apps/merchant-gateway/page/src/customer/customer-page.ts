import { followSales, GatewayClient, type Sale } from "@tallystick/gateway-client";
import { cardLines } from "../cashier/sale-words.ts";
import type { Environment } from "../environment.ts";
import { CUSTOMER_RESULT_MS } from "../limits.ts";
import { isAwaited, type Screen, screenOf } from "../machine/model.ts";
import { Memory } from "../talk/memory.ts";
import { ReadinessWatch } from "../talk/readiness-watch.ts";
import { chooseLanguage, type Language, LANGUAGES } from "../texts/catalogue.ts";
import { loadTexts } from "../texts/load-texts.ts";
import type { Texts } from "../texts/texts.ts";
import { type Make, makerOf, Slot, write } from "../view/dom.ts";
import { drawShape, type Shape } from "../view/shapes.ts";

type Shown = Exclude<Screen, "starting" | "pairing" | "person" | "amount" | "asking"> | "idle" | "silent";

const looks: {
  readonly [shown in Shown]: readonly [
    Shape,
    string,
    `customer.${"idle" | "waiting" | "keep" | "card-left" | "paid" | "refused" | "pin" | "repeated" | "unresolved" | "silent"}`,
  ];
} = {
  idle: ["card", "calm", "customer.idle"],
  silent: ["wait", "unsure", "customer.silent"],
  waiting: ["card", "calm", "customer.waiting"],
  "card-left": ["away", "unsure", "customer.card-left"],
  "card-seen": ["keep", "keep", "customer.keep"],
  paying: ["keep", "keep", "customer.keep"],
  paid: ["good", "good", "customer.paid"],
  refused: ["bad", "bad", "customer.refused"],
  repeated: ["ask", "unsure", "customer.repeated"],
  pin: ["lock", "calm", "customer.pin"],
  unresolved: ["unsure", "unsure", "customer.unresolved"],
  reversed: ["back", "unsure", "customer.idle"],
};

/** The customer's screen: the amount, what came of it, what is left on the card, and what was added. */
export class CustomerPage {
  private readonly env: Environment;
  private readonly make: Make;
  private readonly client: GatewayClient;
  private readonly memory: Memory;
  private readonly readiness: ReadinessWatch;
  private readonly stage: Slot;
  private readonly choices: Slot;
  private readonly spoken: HTMLElement;
  private texts: Texts;
  private sale: Sale | null = null;
  private isUp = false;
  /** Counts what was told: a list that was overtaken by it is read again. */
  private heard = 0;
  private unfollow: () => void = () => undefined;
  private forget: () => void = () => undefined;

  private constructor(
    env: Environment,
    made: {
      readonly client: GatewayClient;
      readonly memory: Memory;
      readonly readiness: ReadinessWatch;
      readonly texts: Texts;
    },
  ) {
    this.env = env;
    this.texts = made.texts;
    this.memory = made.memory;
    this.client = made.client;
    this.readiness = made.readiness;
    this.readiness.onChange = () => {
      this.show();
    };
    this.make = makerOf(env.document);
    this.stage = new Slot(this.make("main", { id: "stage", class: "customer" }));
    this.choices = new Slot(this.make("nav", { class: "customer-languages" }));
    this.spoken = this.make("div", { class: "hidden", "aria-live": "polite", role: "status" });
    env.document.body.replaceChildren(this.stage.element, this.choices.element, this.spoken);
  }

  static async begin(env: Environment): Promise<CustomerPage> {
    const memory = new Memory(env.storage, env.query.get("lane"));
    const client = new GatewayClient({ fetch: env.fetch, url: ".", after: env.after });
    const readiness = new ReadinessWatch(client, env.after);
    const language = chooseLanguage(env.query.get("lang") ?? memory.choice("customer-language"), env.languages);
    const texts = await loadTexts(env, language, readiness);
    const page = new CustomerPage(env, { client, memory, readiness, texts });
    page.show();
    void page.readiness.begin();
    page.unfollow = followSales(page.client, {
      onSale: (sale) => {
        page.heard += 1;
        page.tell(sale);
      },
      onUp: () => {
        page.isUp = true;
        page.heard += 1;
        void page.look();
      },
      onDown: () => {
        page.isUp = false;
        page.show();
      },
    });
    return page;
  }

  close(): void {
    this.unfollow();
    this.forget();
    this.readiness.close();
  }

  private isOfLane({ lane }: Sale): boolean {
    const shown = this.readiness.laneOf(this.env.query.get("lane"));
    return shown === null || lane === shown;
  }

  private tell(sale: Sale): void {
    if (!this.isOfLane(sale)) return;
    const isOwn = this.sale?.id === sale.id;
    if (!isOwn && !isAwaited(screenOf(sale))) return;
    this.sale = sale;
    this.forget();
    // A result is for this customer, and not for the next one.
    if (!isAwaited(screenOf(sale)))
      this.forget = this.env.after(CUSTOMER_RESULT_MS, () => {
        this.sale = null;
        this.show();
      });
    this.show();
  }

  /** After the line was lost: what became of the sale that is shown, or the one that runs. */
  private async look(): Promise<void> {
    const before = this.heard;
    try {
      const { sales } = await this.client.call("GET /v1/sales");
      if (before !== this.heard) {
        await this.look();
        return;
      }
      const own = sales.find(({ id }) => id === this.sale?.id);
      const running = sales.find((sale) => this.isOfLane(sale) && isAwaited(screenOf(sale)));
      const found = running ?? own;
      if (found !== undefined) this.tell(found);
    } catch {
      // The line says by itself when it is back.
    }
    this.show();
  }

  private show(): void {
    const { make, texts, sale } = this;
    const { document } = this.env;
    document.documentElement.lang = texts.language;
    document.documentElement.dir = texts.direction;
    document.title = `${texts.say("customer.idle")} · Tallystick`;
    const screen: Shown =
      sale === null ? "idle" : this.isUp || !isAwaited(screenOf(sale)) ? (screenOf(sale) as Shown) : "silent";
    const [shape, tone, title] = looks[screen];
    const amount = sale === null || screen === "reversed" ? "" : texts.money(sale);
    const lines = sale === null ? [] : this.linesOf(screen, sale);
    document.body.dataset["screen"] = screen;
    document.body.dataset["tone"] = tone;
    const isNew = this.stage.show([texts.language, screen, amount, lines], () => [
      drawShape(document, shape),
      amount === "" ? null : make("p", { class: "customer-amount" }, amount),
      make("h1", { class: "customer-title" }, texts.say(title)),
      ...lines.map((line) => make("p", { class: "customer-line" }, line)),
    ]);
    if (isNew) write(this.spoken, [amount, texts.say(title), ...lines].join(" "));
    this.choices.show([texts.language], () =>
      (Object.keys(LANGUAGES) as Language[]).map((language) =>
        make(
          "button",
          {
            ...{ type: "button", class: "way", lang: language, "aria-pressed": String(language === texts.language) },
            "data-key": language,
            click: () => void this.choose(language),
          },
          LANGUAGES[language],
        ),
      ),
    );
  }

  private linesOf(screen: Shown, sale: Sale): string[] {
    const { texts } = this;
    if (screen === "paid") {
      const hand = sale.holding ? [texts.say("customer.keep")] : [];
      return [texts.say("paid.title"), ...cardLines({ sale }, texts), ...hand];
    }
    return screen === "refused" ? [texts.code(sale.code, sale.message), ...cardLines({ sale }, texts)] : [];
  }

  private async choose(language: Language): Promise<void> {
    this.texts = await loadTexts(this.env, language, this.readiness);
    this.memory.choose("customer-language", language);
    this.show();
  }
}
