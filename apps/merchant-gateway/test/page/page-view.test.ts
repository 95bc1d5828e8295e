import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import type { Sale } from "@tallystick/gateway-client";
import { LANGUAGES } from "../../page/src/texts/catalogue.ts";
import { loadCatalogue as english } from "../../page/src/texts/load-texts.ts";
import { buildPage } from "../../page/build.mjs";
import { FakeGateway, fakeSale } from "../harness/page/fake-gateway.ts";
import { fakeBalance, fakeMoney, fakeReport } from "../harness/page/fake-money.ts";
import { FakeTime } from "@tallystick/gateway-client/testing";
import { type Browser, memoryStorage, PageWindow } from "../harness/page/page-window.ts";

const axeSource = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** Every place of the page; the last four stand behind More. */
const WAYS = ["sell", "payments", "state", "more", "balance", "money", "reports"];

/** Most that a browser loads for the page in one language, compressed. */
const MOST_BYTES = 60 * 1024;

/** What is used of axe. */
interface Axe {
  run(options: object): Promise<{
    readonly violations: readonly { readonly id: string; readonly nodes: readonly { readonly html: string }[] }[];
  }>;
}

let gateway: FakeGateway;
let time: FakeTime;
let storage: Browser["storage"];
let windows: PageWindow[];

beforeEach(() => {
  gateway = new FakeGateway();
  time = new FakeTime();
  storage = memoryStorage();
  windows = [];
});
afterEach(() => {
  for (const window of windows) window.kill();
});

async function turns(): Promise<void> {
  for (let turn = 0; turn < 8; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

async function open(changes: Partial<Browser> = {}): Promise<PageWindow> {
  let made = 0;
  const randomBytes = (length: number): Uint8Array => new Uint8Array(length).fill((made += 1));
  const window = await PageWindow.open({ fetch: gateway.fetch, time, storage, randomBytes, ...changes });
  windows.push(window);
  await turns();
  return window;
}

const ID = "01".repeat(16);

/** The page after a sale was asked for and the terminal has told it. */
async function sold(sale: Sale, changes: Partial<Browser> = {}): Promise<PageWindow> {
  const window = await open(changes);
  gateway.says(`PUT /v1/sales/${ID}`, { ...fakeSale("waiting", { id: ID }), created: true });
  window.type("2.5");
  window.key("Enter");
  await turns();
  gateway.tell({ ...sale, id: ID });
  await turns();
  return window;
}

const words = (window: PageWindow): string => window.find(".sale-words")?.textContent ?? "";

describe("a sale in full screen", () => {
  it("is asked for once, with the terms that were typed, and remembered first", async () => {
    const window = await sold(fakeSale("paying"));
    const puts = gateway.asked.filter(([call]) => call.startsWith("PUT"));
    expect(puts).toEqual([[`PUT /v1/sales/${ID}`, { amount: "2.5", currency: "USDC", waitSeconds: 30 }]]);
    expect(window.shown).toMatchObject({ screen: "paying", sale: ID });
    expect(JSON.parse(storage.getItem("tallystick.sale.") ?? "")).toEqual({ id: ID, amount: "2.5", currency: "USDC" });
  });

  it("says paid with what is left and added, and when the card may go", async () => {
    const update = { added: "20.00", lowered: false, suspended: false, message: "" };
    const tap = { update } as Sale["tap"];
    const window = await sold(fakeSale("paid", { cardLeft: "17.5", holding: true, tap }));
    for (const part of ["Paid", "2.50", "17.50", "20.00", "Keep the card there"]) expect(words(window)).toContain(part);
    gateway.tell(fakeSale("paid", { id: ID, cardLeft: "17.5", tap }));
    await turns();
    expect(words(window)).toContain("Take the card");
  });

  it("reads as a repeated answer where this page saw no payment happen", async () => {
    storage.setItem("tallystick.sale.", JSON.stringify({ id: "one", amount: "2.5", currency: "USDC" }));
    gateway.says("GET /v1/sales/one", fakeSale("paid"));
    expect(words(await open())).toMatch(/Already paid.*At \d.*0x114f74/);
  });

  it("says that a stop came too late", async () => {
    const window = await sold(fakeSale("paying"));
    gateway.on(`POST /v1/sales/${ID}/cancel`, () => ({ status: 200, body: fakeSale("paid", { id: ID }) }));
    window.key("Escape");
    await turns();
    expect([window.shown.screen, words(window)]).toEqual(["paid", expect.stringContaining("too late")]);
  });

  it("asks about the same again, and takes it with the cashier's word alone", async () => {
    const window = await sold(fakeSale("refused", { code: "SALE_REPEATED", may: ["attempt"] }));
    expect(window.shown.screen).toBe("repeated");
    gateway.says(`POST /v1/sales/${ID}/attempts`, fakeSale("waiting", { id: ID }));
    window.click('[data-key="repeated.yes"]', 0);
    await turns();
    expect(gateway.asked.at(-1)).toEqual([`POST /v1/sales/${ID}/attempts`, { waitSeconds: 30, again: true }]);
  });

  it("takes the PIN once and keeps none of it", async () => {
    const window = await sold(fakeSale("refused", { code: "CARD_PIN_NEEDED", may: ["attempt"] }));
    const input = window.document.querySelector<HTMLInputElement>("#pin");
    if (input === null) throw new Error("no PIN is asked for");
    input.value = "2580";
    input.form?.requestSubmit();
    await turns();
    expect(gateway.asked.some(([, body]) => JSON.stringify(body)?.includes('"pin":"2580"'))).toBe(true);
    expect(window.document.documentElement.outerHTML + input.value).not.toContain("2580");
  });

  it("notices a line that is silent, and says so instead of what may be old", async () => {
    const window = await sold(fakeSale("paying"));
    time.pass(4_999);
    await turns();
    expect([window.shown.line, words(window)]).toEqual(["down", expect.stringContaining("nobody pays twice")]);
  });

  it("offers nothing that the terminal does not allow", async () => {
    const window = await sold(fakeSale("refused", { code: "CARD_STATE", may: [] }));
    expect(window.find('[data-do="again"]')).toBeNull();
  });
});

describe("the state of the terminal", () => {
  it("says until when it sells where there is no connection, and what to do from 80 % on", async () => {
    gateway.ready({
      warnings: [{ code: "LIST_AGEING", message: "", since: 0 }],
      lastExchange: { at: 1, reached: false, faults: [] },
    });
    const window = await open();
    const notice = window.find(".notice")?.textContent ?? "";
    expect(notice).toMatch(/Ready to sell, no connection · Sells until \w+day/);
    expect(notice).toContain("soon be too old");
  });

  it("shows each currency by itself, and sells in the one that can", async () => {
    const used = { listAge: null, oldestUnsent: null, unsentSum: null, unsentCount: null, certificate: null };
    const reasons = [{ code: "CERTIFICATE_MISSING", message: "No certificate." }];
    const other = { currency: "EURC", decimals: 6, keyedDecimals: 2, ready: false, reasons, sellsUntil: null, used };
    const usdc = {
      currency: "USDC",
      decimals: 6,
      keyedDecimals: 2,
      ready: true,
      reasons: [],
      sellsUntil: 1_790_300_000,
      used,
    };
    gateway.ready({ currencies: [other, usdc] });
    const window = await open();
    expect(window.find(".notice")?.textContent).toMatch(/Ready to sell.*EURC: cannot sell now/s);
    expect(window.document.querySelector<HTMLInputElement>('input[value="EURC"]')?.disabled).toBe(true);
    expect(window.document.querySelector<HTMLInputElement>('input[value="USDC"]')?.checked).toBe(true);
  });

  it("refuses what may be meant in two ways by name, and asks nothing", async () => {
    const window = await open();
    window.type("1.000");
    window.key("Enter");
    await turns();
    expect(window.find("#amount-fault")?.textContent).toContain("two ways");
    expect(gateway.asked.some(([call]) => call.startsWith("PUT"))).toBe(false);
  });
});

describe("the doors", () => {
  const people = [
    { name: "Ann", role: "cashier" },
    { name: "Bo", role: "owner" },
  ];

  it("pairs this device, then signs a person in, then sells in that name", async () => {
    gateway.refuses("GET /v1/readiness", 401, "PAIRING_NEEDED");
    gateway.says("GET /v1/session", { device: null, person: null, people: [], needed: "pairing" });
    const window = await open({ hash: "#pair=K7Q2-9FMX" });
    expect(window.shown.screen).toBe("pairing");
    expect(window.document.querySelector<HTMLInputElement>("#pairing-code")?.value).toBe("K7Q2-9FMX");
    gateway.refuses("POST /v1/pairing", 401, "PAIRING_CODE_WRONG");
    window.document.querySelector<HTMLInputElement>("#pairing-code")!.value = "12345678";
    window.document.querySelector<HTMLFormElement>(".doors form")?.requestSubmit();
    await turns();
    expect(window.find(".fault[role=alert]")?.textContent).not.toBe("");
    gateway.says("POST /v1/pairing", { id: "d", name: "counter", key: "k" });
    gateway.says("GET /v1/session", { device: { id: "d", name: "counter" }, person: null, people, needed: "person" });
    window.document.querySelector<HTMLFormElement>(".doors form")?.requestSubmit();
    await turns();
    expect(window.shown.screen).toBe("person");
    window.click('[data-key="person-Ann"]');
    gateway.refuses("POST /v1/session", 429, "PIN_LOCKED", { "retry-after": "60" });
    for (const digit of ["2", "5", "8", "0"])
      window.click(
        [...window.document.querySelectorAll<HTMLElement>(".key")].find((key) => key.textContent === digit) ?? null,
      );
    window.document.querySelector<HTMLFormElement>(".doors form")?.requestSubmit();
    await turns();
    expect(gateway.asked.at(-1)).toEqual(["POST /v1/session", { name: "Ann", pin: "2580" }]);
    expect(window.find(".doors .fault")?.textContent).toMatch(/minute|60 seconds/);
    gateway.says("POST /v1/session", {});
    gateway.says("GET /v1/session", { device: null, person: people[0], people, needed: "none" });
    gateway.ready({});
    window.document.querySelector<HTMLFormElement>(".doors form")?.requestSubmit();
    await turns();
    expect(window.shown.screen).toBe("amount");
    window.type("1");
    window.key("Enter");
    await turns();
    expect(gateway.asked.find(([call]) => call.startsWith("PUT"))?.[1]).toMatchObject({ cashier: "Ann" });
  });
});

describe("the customer's screen", () => {
  it("shows amount and result, what is left and what was added, and then nothing", async () => {
    const window = await open({ view: "customer" });
    expect(window.shown.screen).toBe("idle");
    gateway.tell(fakeSale("waiting"));
    await turns();
    expect(window.text).toMatch(/2\.50.*hold your card/s);
    const tap = { update: { added: "5.00", lowered: false, suspended: false, message: "" } } as Sale["tap"];
    gateway.tell(fakeSale("paid", { cardLeft: "12.00", tap }));
    await turns();
    expect(window.text).toMatch(/2\.50.*Thank you.*Paid.*5\.00.*12\.00/s);
    for (let beat = 0; beat < 8; beat += 1) {
      gateway.beat();
      await turns();
      time.pass(2_000);
    }
    await turns();
    expect(window.shown.screen).toBe("idle");
  });
});

describe.each(Object.keys(LANGUAGES))("in %s", (language) => {
  const shownSales: readonly Sale[] = [
    ...(["waiting", "card-left", "paying", "unresolved", "reversed"] as const).map((state) => fakeSale(state)),
    fakeSale("paid", { cardLeft: "3.00" }),
    fakeSale("refused", {
      ...{ code: "CARD_SPENDING_CAP", may: ["attempt"] },
      tap: { left: "1.20", payable: "1.20", update: null } as Sale["tap"],
    }),
    fakeSale("refused", { code: "CARD_PIN_NEEDED", may: ["attempt"] }),
    fakeSale("refused", { code: "SALE_REPEATED", may: ["attempt"] }),
  ];

  it("every screen is free of what axe finds, with the language's direction", async () => {
    const query = `lang=${language}`;
    const faultsOf = async (window: PageWindow): Promise<string[]> => {
      window.dom.window.eval(axeSource);
      const { axe } = window.dom.window as unknown as { readonly axe: Axe };
      // Colours are drawn by a browser alone; `pnpm soak page` asks there.
      const { violations } = await axe.run({ rules: { "color-contrast": { enabled: false } } });
      return violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html ?? ""}`);
    };
    const window = await sold(shownSales[0]!, { query });
    expect(window.document.documentElement.dir).toBe(language === "ar" ? "rtl" : "ltr");
    for (const sale of shownSales) {
      gateway.tell({ ...sale, id: ID });
      await turns();
      expect([window.shown.screen, await faultsOf(window)]).toEqual([window.shown.screen, []]);
    }
    window.click('[data-do="fresh"]', 0);
    gateway.says("GET /v1/money", fakeMoney());
    gateway.says("GET /v1/reports/x", fakeReport("x", 2));
    gateway.says("GET /v1/reports", { reports: [fakeReport("z", 1)], next: 1 });
    gateway.says("GET /v1/balance", fakeBalance({ code: "CARD_SUSPENDED" }));
    for (const way of WAYS) {
      window.click('[data-key="way-more"]');
      window.click(`[data-key="way-${way}"]`);
      await turns();
      expect([way, await faultsOf(window)]).toEqual([way, []]);
    }
    const customer = await open({ query, view: "customer" });
    expect(await faultsOf(customer)).toEqual([]);
  });
});

describe("a pseudo-language", () => {
  /** Every sentence longer, with other letters, and marked at both ends. */
  const pseudo = <Texts extends Readonly<Record<string, string>>>(texts: Texts): Texts => {
    const entries = Object.entries(texts).map(([name, text]) => [name, text === "" ? "" : `⟦${text} łøñgér ẃörđš⟧`]);
    return Object.fromEntries(entries) as Texts;
  };

  it("is all that is shown, on every screen: no sentence stands in the page beside its catalogue", async () => {
    const loadCatalogue = async () => {
      const { words, codes } = await english("en");
      return { words: pseudo(words), codes: pseudo(codes as Readonly<Record<string, string>>) as typeof codes };
    };
    const unmarked = (window: PageWindow): string[] => {
      const shown: string[] = [];
      const visit = (node: Node): void => {
        if (node.nodeType === 3) shown.push(node.textContent ?? "");
        node.childNodes.forEach(visit);
      };
      visit(window.document.body);
      const names = [...Object.values(LANGUAGES), "USDC", fakeMoney().payee];
      const texts = shown.map((text) => text.replace(/[\u2068\u2069]/g, "").trim());
      // Amounts have the name of their currency, and an example is in no language.
      return texts.filter((text) => /\p{L}/u.test(text) && !/⟦|^[\d.,]+\sUSDC$/u.test(text) && !names.includes(text));
    };
    const window = await sold(fakeSale("waiting"), { loadCatalogue });
    for (const state of ["waiting", "card-left", "paying", "unresolved", "reversed", "paid"] as const) {
      gateway.tell(fakeSale(state, { id: ID, code: state === "unresolved" ? "TAP_IN_PROGRESS" : null }));
      await turns();
      expect([state, unmarked(window)]).toEqual([state, []]);
    }
    gateway.says(`GET /v1/sales/${ID}`, fakeSale("reversed", { id: ID }));
    window.click('[data-do="fresh"]', 0);
    const { currencies, ...money } = fakeMoney();
    const [stages, account, payouts] = [[], null, null];
    const nothing = currencies.map((each) => ({ ...each, stages, account, payouts, nextPayout: null }));
    gateway.says("GET /v1/money", { ...money, currencies: nothing });
    gateway.says("GET /v1/reports/x", { ...fakeReport("x", 1), since: null, totals: [], lines: [] });
    gateway.says("GET /v1/reports", { reports: [], next: null });
    gateway.refuses("GET /v1/balance", 409, "TAP_IN_PROGRESS");
    for (const way of WAYS) {
      window.click('[data-key="way-more"]');
      window.click(`[data-key="way-${way}"]`);
      await turns();
      expect([way, unmarked(window)]).toEqual([way, []]);
    }
    const customer = await open({ loadCatalogue, view: "customer" });
    gateway.tell(fakeSale("paid"));
    await turns();
    expect(unmarked(customer)).toEqual([]);
  });
});

describe("the built page", () => {
  it("is small, and keeps its own files without any answer of the terminal", async () => {
    const { folder, files } = await buildPage(
      `${fileURLToPath(new URL("../../dist/page-of-a-test", import.meta.url))}`,
    );
    const read = (file: string): Buffer => readFileSync(`${folder}/${file}`);
    const sizes = new Map(readdirSync(folder).map((file) => [file, gzipSync(read(file)).length]));
    const languages = [...sizes].filter(([file]) => file.startsWith("part-"));
    const shell = [...sizes].filter(([file]) => !file.startsWith("part-")).reduce((sum, [, size]) => sum + size, 0);
    expect(languages).toHaveLength(4);
    expect(shell + Math.max(...languages.map(([, size]) => size))).toBeLessThan(MOST_BYTES);
    const worker = read("service-worker.js").toString();
    for (const file of files.filter((each) => each !== "service-worker.js")) expect(worker).toContain(file);
    for (const file of ["index.html", "customer.html"])
      expect(read(file).toString()).not.toMatch(/style=|<script>|https?:/);
  });
});
