import "reflect-metadata";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { until } from "@tallystick/stack";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import { type Screen, screenOf } from "../../page/src/machine/model.ts";
import { LANGUAGES } from "../../page/src/texts/catalogue.ts";
import { Counter } from "../harness/page/counter.ts";
import { fakeSale } from "../harness/page/fake-gateway.ts";
import { fakeBalance, fakeMoney, fakeReport } from "../harness/page/fake-money.ts";
import { createTestApp, type TestApp } from "../harness/test-app.ts";
import type { TestCard } from "../harness/test-card.ts";
import { TestTerminal } from "../harness/test-terminal.ts";

/** A browser's program: `pnpm soak page` names one; the tests that run everywhere leave this file out. */
const PROGRAM = process.env["TALLYSTICK_BROWSER"] ?? "chromium";
const SALES = Number(process.env["TALLYSTICK_SALES"] ?? "1000");
const SEED = Number(process.env["TALLYSTICK_SEED"] ?? "1");
/** Where pictures of every screen are put, if anywhere. */
const PICTURES = process.env["TALLYSTICK_PICTURES"];

const axeSource = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const SETTLED_MS = 30_000;

/** Refusals that ask somebody something have a screen of their own. */
const QUESTIONS: Readonly<Record<string, Screen>> = {
  SALE_REPEATED: "repeated",
  CARD_PIN_NEEDED: "pin",
  CARD_WRONG_PIN: "pin",
};

/** A payout that the terminal has no key for. */
const PAYOUT = {
  ...{ currency: "USDC", state: "call", tx: null, amount: null },
  call: { chainId: "31337", to: `0x${"51".repeat(20)}`, data: `0x51cff8d9${"00".repeat(12)}${"91".repeat(20)}` },
};

/** A seeded generator: xorshift. */
function randomOf(seed: number): () => number {
  let state = seed | 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 4_294_967_296;
  };
}

/** A program by its path, or by its name where the machine's programs are. */
function programOf(name: string): string {
  if (name.includes("/")) return name;
  const folders = [...(process.env["PATH"] ?? "").split(":"), "/usr/bin"];
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path)) ?? name;
}

describe("the page in a browser", () => {
  const random = randomOf(SEED);
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T;
  let browser: Browser;
  let context: BrowserContext;
  let terminal: TestTerminal;
  let server: TestApp;
  let counter: Counter;
  let cards: TestCard[];
  let url: string;

  beforeAll(async () => {
    terminal = await TestTerminal.make();
    server = await createTestApp(terminal.gateway);
    await server.app.listen(0, "127.0.0.1");
    url = `http://127.0.0.1:${(server.app.getHttpServer().address() as { readonly port: number }).port}/`;
    counter = new Counter(terminal);
    const limits = { maxSpent: 100_000_000_000n, maxCounter: 100_000, noPinSum: 100_000_000_000n };
    cards = await Promise.all(["anna", "bo"].map((name) => terminal.card(name, limits)));
    browser = await chromium.launch({ executablePath: programOf(PROGRAM), args: ["--no-sandbox"] });
    context = await browser.newContext({ locale: "en-US", serviceWorkers: "block" });
  });
  afterAll(async () => {
    await browser.close();
    await terminal.gateway.sales.rest();
    await server.close();
    terminal.remove();
  });

  const open = async (): Promise<Page> => {
    const page = await context.newPage();
    // Without a line there is no page; it is loaded when there is one again.
    await page.goto(url).catch(() => undefined);
    return page;
  };
  /** What a window shows; a browser's own page, or one that is being loaded, shows nothing. */
  const shownOn = async (page: Page): Promise<{ readonly screen: string; readonly sale: string }> =>
    await page
      .evaluate(() => ({
        screen: document.body.dataset["screen"] ?? "",
        sale: document.body.dataset["sale"] ?? "",
      }))
      .catch(() => ({ screen: "", sale: "" }));
  const truth = (id: string): Screen | "unknown" => {
    if (terminal.gateway.journal.sales.byId(id) === null) return "unknown";
    const { state, code } = terminal.gateway.sales.view(id);
    return state === "refused" ? (QUESTIONS[code ?? ""] ?? state) : state;
  };

  const interrupt = async (page: Page): Promise<void> => {
    switch (pick(["none", "reload", "kill", "second", "escape", "offline", "tear"] as const)) {
      case "none":
        return;
      case "reload":
        await page.reload().catch(() => undefined);
        return;
      case "kill":
        await page.close();
        return;
      case "second":
        if (context.pages().length < 3) await open();
        return;
      case "escape":
        await page.keyboard.press("Escape").catch(() => undefined);
        return;
      case "offline":
        await context.setOffline(true);
        return;
      case "tear":
        pick(cards).tear = pick(["before", "after"] as const);
        return;
    }
  };

  const somePage = async (): Promise<Page> => {
    const pages = context.pages();
    return pages.length === 0 ? await open() : pick(pages);
  };

  const press = async (page: Page, selector: string, count: number): Promise<void> => {
    await page.click(selector, { clickCount: count, timeout: 1_000, force: true }).catch(() => undefined);
  };

  const settle = async (): Promise<void> => {
    await context.setOffline(false);
    await until(
      "every window says what the journal says",
      async () => {
        await terminal.gateway.sales.rest();
        await terminal.gateway.engine.rest();
        for (const page of context.pages()) {
          const { screen, sale } = await shownOn(page);
          if (screen === "" && !page.url().startsWith(url)) await page.goto(url).catch(() => undefined);
          if (screen !== "amount" && screen !== truth(sale)) return false;
        }
        return true;
      },
      SETTLED_MS,
    );
  };

  it(`says what the journal says, whatever happens to it: ${SALES} sales`, async () => {
    await open();
    for (let sale = 1; sale <= SALES; sale += 1) {
      terminal.now += pick([5, 200]);
      const page = await somePage();
      if ((await shownOn(page)).screen !== "amount") {
        await page.waitForTimeout(500).catch(() => undefined);
        await press(page, '.sale-actions [data-do="fresh"]', 1);
      }
      if (random() < 0.8) counter.put(null);
      await page.fill("#amount", pick(["2.50", "1", `${sale % 40}.05`]), { timeout: 2_000 }).catch(() => undefined);
      const ask = pick(["click", "double", "enter", "enter twice"] as const);
      if (ask === "click" || ask === "double") await press(page, ".take", ask === "click" ? 1 : 2);
      else
        for (let time = ask === "enter" ? 1 : 2; time > 0; time -= 1)
          await page.keyboard.press("Enter").catch(() => undefined);
      if (random() < 0.5) await interrupt(await somePage());
      counter.put(pick(cards));
      if (random() < 0.5) await interrupt(await somePage());
      if (random() < 0.5) counter.put(null);
      await press(await somePage(), '.sale-actions [data-do="again"]', 1);
      if (random() < 0.3) await interrupt(await somePage());
      await settle();
    }
    const { journal } = terminal.gateway;
    const all = journal.sales.page({ from: null, to: null, cashier: null, before: null, limit: 100_000 });
    const paid = all.filter(({ id }) => truth(id) === "paid").length;
    expect(journal.vouchers.unsent(terminal.config.domains[0]!.domainBytes).count).toBe(paid);
    // Enough of them that something was at stake; how many there are is the interruptions' doing.
    expect(paid).toBeGreaterThan(SALES / 10);
  }, 3_600_000);

  it("opens while the gateway is away, at once", async () => {
    const own = await browser.newContext({ locale: "en-US" });
    const page = await own.newPage();
    await page.goto(url);
    await page.evaluate(async () => await navigator.serviceWorker.ready);
    await page.reload();
    await own.setOffline(true);
    await page.reload();
    await page.waitForSelector(".bar");
    const paint = await page.evaluate(
      () => performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? null,
    );
    expect(paint).not.toBeNull();
    if (PICTURES !== undefined) writeFileSync(join(PICTURES, "first-paint-offline.txt"), String(paint));
    await own.close();
  });

  it("has no fault that axe finds, in each language, light and dark, from 320 px on, and nothing is cut off", async () => {
    const sales = [
      ...(["waiting", "card-left", "paying", "unresolved", "reversed"] as const).map((state) => fakeSale(state)),
      fakeSale("paid", {
        cardLeft: "13.50",
        tap: { update: { added: "20.00", lowered: false, suspended: false } } as never,
      }),
      fakeSale("refused", {
        ...{ code: "CARD_SPENDING_CAP", may: ["attempt"] },
        tap: { left: "1.20", payable: "1.20", update: null } as never,
      }),
      fakeSale("refused", { code: "CARD_PIN_NEEDED", may: ["attempt"] }),
      fakeSale("refused", { code: "SALE_REPEATED", may: ["attempt"] }),
    ];
    if (PICTURES !== undefined) mkdirSync(PICTURES, { recursive: true });
    for (const language of Object.keys(LANGUAGES))
      for (const [width, height] of [
        [320, 640],
        [768, 1024],
        [1280, 800],
      ] as const) {
        const colorScheme = width === 768 ? "dark" : "light";
        const locale = language === "ar" ? "ar-EG" : language;
        const own = await browser.newContext({
          locale,
          colorScheme,
          viewport: { width, height },
          serviceWorkers: "block",
        });
        const look = async (page: Page, name: string): Promise<void> => {
          if (PICTURES !== undefined)
            await page.screenshot({ path: join(PICTURES, `${language}-${width}-${name}.png`) });
          await page.evaluate(axeSource);
          const found = await page.evaluate(async () => {
            const { violations } = await (
              window as unknown as {
                readonly axe: { run(): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> };
              }
            ).axe.run();
            const wide =
              document.documentElement.scrollWidth > document.documentElement.clientWidth
                ? ["wider than the screen"]
                : [];
            return [...violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html ?? ""}`), ...wide];
          });
          expect([language, width, name, found]).toEqual([language, width, name, []]);
        };
        for (const sale of sales) {
          const page = await own.newPage();
          await page.addInitScript(
            (terms) => {
              localStorage.setItem("tallystick.sale.", terms);
            },
            JSON.stringify({ id: sale.id, amount: sale.amount, currency: sale.currency }),
          );
          await page.route("**/v1/sales/one", async (route) => {
            await route.fulfill({ json: sale });
          });
          await page.goto(`${url}?lang=${language}`);
          await page.waitForSelector(".sale-title");
          await page.waitForFunction((screen) => document.body.dataset["screen"] === screen, screenOf(sale));
          await look(page, screenOf(sale));
          await page.close();
        }
        const page = await own.newPage();
        await page.goto(`${url}?lang=${language}`);
        await page.waitForSelector(".amount-stage");
        await page.waitForSelector('.notice:not([data-kind="calm"])');
        await look(page, "amount");
        await page.fill("#amount", "1.000");
        await page.keyboard.press("Enter");
        await page.waitForTimeout(100);
        if ((await shownOn(page)).screen === "amount") await look(page, "amount-fault");
        else await terminal.gateway.sales.rest();
        const answers = {
          money: fakeMoney(),
          "reports/x": fakeReport("x", 8),
          reports: { reports: [fakeReport("z", 7), fakeReport("z", 6)], next: 6 },
          "balance?*": fakeBalance({ code: "CARD_SUSPENDED", message: "Suspended." }),
          "money/withdraw": { payee: fakeMoney().payee, payouts: [PAYOUT] },
        };
        for (const [path, json] of Object.entries(answers))
          await page.route(`**/v1/${path}`, async (route) => {
            await route.fulfill({ json });
          });
        for (const way of ["payments", "state", "more", "balance", "reports", "money"]) {
          if (["balance", "reports", "money"].includes(way)) await page.click('[data-key="way-more"]');
          await page.click(`[data-key="way-${way}"]`);
          await page.waitForSelector(way in answers || way === "balance" ? ".sheet .used" : ".sheet h1");
          await look(page, way);
        }
        await page.click('[data-key="withdraw-USDC"]');
        await look(page, "withdraw");
        await page.click("dialog .primary");
        await page.waitForSelector(".call");
        await look(page, "call");
        await page.goto(`${url}customer?lang=${language}`);
        await page.waitForSelector(".customer-title");
        await look(page, "customer");
        await own.close();
      }
  }, 900_000);
});
