import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import type { Sale } from "@tallystick/gateway-client";
import { FakeGateway, fakeSale } from "../harness/page/fake-gateway.ts";
import { fakeBalance, fakeMoney, fakeReport } from "../harness/page/fake-money.ts";
import { FakeTime } from "@tallystick/gateway-client/testing";
import { memoryStorage, PageWindow } from "../harness/page/page-window.ts";

const ID = "01".repeat(16);
const REST_ID = "02".repeat(16);

let gateway: FakeGateway;
let time: FakeTime;
let window: PageWindow;
/** Signals of what waits for a card, newest last, and what was asked for. */
let waits: AbortSignal[];
let urls: string[];

beforeEach(async () => {
  gateway = new FakeGateway();
  time = new FakeTime();
  [waits, urls] = [[], []];
  await open();
});
afterEach(() => {
  window.kill();
});

async function turns(): Promise<void> {
  for (let turn = 0; turn < 8; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

/** A window; a balance that is asked for stays asked for until `card` comes, or nobody waits. */
async function open(query = ""): Promise<void> {
  let made = 0;
  const fetch = ((url: string, init: RequestInit) => {
    const answer = gateway.fetch(url, init);
    if (!url.startsWith("/v1/balance") || init.signal == null) return answer;
    const { signal } = init;
    waits.push(signal);
    urls.push(url);
    return new Promise((resolve, reject) => {
      signal.addEventListener("abort", () => {
        reject(new TypeError("aborted"));
      });
      cards.push(() => {
        resolve(gateway.fetch(url, init));
      });
    });
  }) as typeof globalThis.fetch;
  window = await PageWindow.open({
    ...{ fetch, time, query, storage: memoryStorage() },
    randomBytes: (length) => new Uint8Array(length).fill((made += 1)),
  });
  await turns();
}

let cards: (() => void)[] = [];
async function card(): Promise<void> {
  for (const come of cards.splice(0)) come();
  await turns();
}

async function go(place: string): Promise<void> {
  window.click('[data-key="way-more"]');
  await turns();
  window.click(`.sheet [data-key="way-${place}"]`);
  await turns();
}

function typePin(pin: string): void {
  (window.find("#pin") as HTMLInputElement).value = pin;
  window.click('[data-key="pin.go"]');
}

const told = (): string => window.find(".told")?.textContent ?? "";
const sheet = (): string => window.find(".sheet")?.textContent ?? "";
const asked = (call: string): unknown[] => gateway.asked.filter(([each]) => each === call).map(([, body]) => body);

async function answer(isYes: boolean): Promise<void> {
  window.click(isYes ? "dialog .primary" : "dialog .quiet", 0);
  window.document.querySelector<HTMLFormElement>("dialog form")?.requestSubmit();
  await turns();
}

describe("a card that was asked for too much", () => {
  const over = (code: string, tap: object): Sale =>
    fakeSale("refused", { id: ID, code, may: ["attempt"], tap: tap as Sale["tap"] });

  async function refused(sale: Sale): Promise<void> {
    gateway.says(`PUT /v1/sales/${ID}`, { ...fakeSale("waiting", { id: ID }), created: true });
    window.type("20");
    window.key("Enter");
    await turns();
    gateway.tell(sale);
    await turns();
    expect(window.shown.screen).toBe("refused");
  }

  it("says what is left on it, and one key begins another sale of what it can pay", async () => {
    await refused(over("CARD_SPENDING_CAP", { left: "12.40", payable: "10.00", update: null }));
    expect(window.find(".sale-words")?.textContent).toContain("Left on the card: 12.40");
    gateway.says(`PUT /v1/sales/${REST_ID}`, { ...fakeSale("waiting", { id: REST_ID }), created: true });
    // The second of a double click finds the first one done.
    window.click('[data-do="rest"]', 0);
    window.click('[data-do="rest"]', 0);
    await turns();
    expect(asked(`PUT /v1/sales/${REST_ID}`)).toEqual([{ amount: "10.00", currency: "USDC", waitSeconds: 30 }]);
    expect(asked(`PUT /v1/sales/${ID}`)).toHaveLength(1);
    expect(asked(`POST /v1/sales/${ID}/attempts`)).toEqual([]);
    expect(window.shown).toMatchObject({ screen: "waiting", sale: REST_ID });
  });

  it.each([
    ["another reason than the amount", "CARD_SUSPENDED", { left: "12.40", payable: "10.00", update: null }],
    ["nothing that it can pay", "CARD_SPENDING_CAP", { left: "0.00", payable: null, update: null }],
  ])("has no such key with %s", async (_, code, tap) => {
    await refused(over(code, tap));
    expect(window.find('[data-do="rest"]')).toBeNull();
  });
});

describe("the merchant's money", () => {
  it("stands by stage with count, days and who says so, and never a stage with nothing in it", async () => {
    gateway.says("GET /v1/money", fakeMoney());
    await go("money");
    const stages = [...window.document.querySelectorAll(".payment")].map((each) => each.textContent ?? "");
    expect(stages).toHaveLength(4);
    expect(stages[2]).toMatch(/In the vault.*1,234\.50.*payments: 12 · seen on the chain · Sep 12.* – Sep 20/);
    expect(sheet()).toContain(fakeMoney().payee);
    expect(window.find('[data-key="way-more"]')?.getAttribute("aria-current")).toBe("page");
  });

  it("is paid out after a question, to the address that was shown, once", async () => {
    gateway.says("GET /v1/money", fakeMoney());
    await go("money");
    window.click('[data-key="withdraw-USDC"]');
    await answer(false);
    expect(asked("POST /v1/money/withdraw")).toEqual([]);
    window.click('[data-key="withdraw-USDC"]');
    expect(window.find("dialog")?.textContent).toContain(fakeMoney().payee);
    const payout = { currency: "USDC", state: "sent", tx: `0x${"cd".repeat(32)}`, amount: "1234.50", call: null };
    gateway.says("POST /v1/money/withdraw", { payee: fakeMoney().payee, payouts: [payout] });
    await answer(true);
    expect(asked("POST /v1/money/withdraw")).toEqual([{ currency: "USDC" }]);
    expect(told()).toMatch(/1,234\.50.*0xcdcdcd/);
    expect(asked("GET /v1/money")).toHaveLength(2);
  });

  it("shows the whole call where the terminal cannot send it", async () => {
    gateway.says("GET /v1/money", fakeMoney());
    await go("money");
    const call = {
      chainId: "31337",
      to: `0x${"51".repeat(20)}`,
      data: `0x51cff8d9${"00".repeat(12)}${"91".repeat(20)}`,
    };
    const payout = { currency: "USDC", state: "call", tx: null, amount: null, call };
    gateway.says("POST /v1/money/withdraw", { payee: fakeMoney().payee, payouts: [payout] });
    window.click('[data-key="withdraw-USDC"]');
    await answer(true);
    const wires = [...window.document.querySelectorAll(".call .wire")].map((each) => each.textContent);
    expect(wires).toEqual(Object.values(call));
  });

  it("asks the owner of a new payee for the first unit, and shows what other terminals took without a thing to press", async () => {
    gateway.says("GET /v1/money", fakeMoney());
    const { payee } = fakeMoney();
    const unit = { currency: "USDC", state: "sent", amount: "0.000001", tx: `0x${"7e".repeat(32)}` };
    gateway.says("GET /v1/payee", { payee, firstUnits: [unit] });
    const other = {
      ...{ voucherId: `0x${"3c".repeat(32)}`, terminalId: "0x0d0d0d0d0d0d0d0d", card: `0x${"0c".repeat(20)}` },
      ...{ counter: 7, currency: "USDC", amount: "2.75", soldAt: 1_790_000_000, receivedAt: 1_790_000_000 },
      ...{ code: null, tx: null },
    };
    const payments = [
      { ...other, state: "batched" },
      { ...other, state: "withheld", code: "STILL_UNPAID" },
    ];
    gateway.says("GET /v1/payee/payments", { payments, next: null });
    await go("money");
    const others = [...window.document.querySelectorAll(".payment")].slice(4);
    expect(others.map((each) => each.textContent)).toEqual([
      expect.stringMatching(/0x0d0d0d0d0d0d0d0d.*2\.75.*On its way to the chain/),
      expect.stringMatching(/0x0d0d0d0d0d0d0d0d.*2\.75.*Somebody has to look · STILL_UNPAID/),
    ]);
    expect(others.some((each) => each.querySelector("button") !== null)).toBe(false);
    expect(sheet()).toMatch(/0\.000001.*0x7e7e7e/);
    gateway.refuses("POST /v1/payee/confirmation", 503, "SETTLEMENT_UNREACHABLE");
    window.click('[data-key="came-USDC"]');
    await turns();
    expect(window.find('[data-key="came-USDC"]')).not.toBeNull();
    gateway.says("POST /v1/payee/confirmation", { payee, firstUnits: [{ ...unit, state: "confirmed" }] });
    window.click('[data-key="came-USDC"]');
    await turns();
    expect(asked("POST /v1/payee/confirmation").at(-1)).toEqual({ currency: "USDC" });
    expect(window.find('[data-key="came-USDC"]')).toBeNull();
    // On its way it cannot have been seen.
    gateway.says("GET /v1/payee", { payee, firstUnits: [{ ...unit, tx: null }] });
    await go("money");
    expect(window.find('[data-key="came-USDC"]')).toBeNull();
    expect(sheet()).toContain("on its way to this address");
  });

  it("is gone with the person who was shown it", async () => {
    gateway.says("GET /v1/money", fakeMoney());
    await go("money");
    expect(window.text).toContain("1,234.50");
    const people = [{ name: "Ann", role: "cashier" }];
    gateway.refuses("GET /v1/readiness", 401, "PERSON_NEEDED");
    gateway.says("GET /v1/session", { device: null, person: null, people, needed: "person" });
    time.pass(3_000);
    await turns();
    expect([window.shown.screen, window.text.includes("1,234.50")]).toEqual(["person", false]);
    gateway.ready({});
    gateway.says("POST /v1/session", {});
    gateway.says("GET /v1/session", { device: null, person: people[0], people, needed: "none" });
    window.document.querySelector<HTMLFormElement>(".doors form")?.requestSubmit();
    await turns();
    expect([window.shown.screen, window.text.includes("1,234.50")]).toEqual(["amount", false]);
    gateway.refuses("GET /v1/money", 403, "ROLE_TOO_LOW");
    await go("money");
    expect(window.text).not.toContain("1,234.50");
  });

  it.each(["GET /v1/money", "POST /v1/money/withdraw"])("is shown as far as %s allows", async (call) => {
    gateway.says("GET /v1/money", fakeMoney());
    gateway.refuses(call, 403, "ROLE_TOO_LOW");
    await go("money");
    window.click('[data-key="withdraw-USDC"]');
    await answer(true);
    expect(told()).toContain("Your role may not do this");
    expect(window.document.querySelectorAll(".payment")).toHaveLength(call.startsWith("GET") ? 0 : 4);
  });
});

describe("reports", () => {
  beforeEach(async () => {
    gateway.says("GET /v1/reports/x", fakeReport("x", 8));
    gateway.says("GET /v1/reports", { reports: [fakeReport("z", 7)], next: null });
    await go("reports");
  });

  it("count what came since the last closing, by cashier and lane, and list the days before with their files", () => {
    const tables = [...window.document.querySelectorAll("table")].map((each) => each.textContent ?? "");
    expect(tables).toEqual([
      expect.stringMatching(/^USDC.*Payments5.*11\.30.*Reversed1.*2\.50.*Net.*8\.80/),
      expect.stringMatching(/^ann · 1 · USDC/),
    ]);
    const files = [...window.document.querySelectorAll("a")].map((each) => each.getAttribute("href"));
    expect(files).toEqual(["./v1/reports/x.csv", "./v1/reports/7.csv"]);
  });

  it("close a day after a question, by the number that was shown, and count again", async () => {
    window.click('[data-key="close-day"]');
    await answer(false);
    expect(asked("POST /v1/reports/z")).toEqual([]);
    gateway.says("POST /v1/reports/z", fakeReport("z", 8));
    window.click('[data-key="close-day"]');
    await answer(true);
    expect(asked("POST /v1/reports/z")).toEqual([{ number: 8 }]);
    expect(told()).toContain("no. 8");
    expect(asked("GET /v1/reports/x")).toHaveLength(2);
  });

  it("say that somebody else closed it meanwhile", async () => {
    gateway.refuses("POST /v1/reports/z", 409, "REPORT_OUT_OF_TURN");
    window.click('[data-key="close-day"]');
    await answer(true);
    expect(told()).toContain("closed meanwhile");
  });
});

describe("giving back", () => {
  const paid = {
    ...{ id: "t1", saleId: "s1", outcome: "accepted", code: null, message: "", amount: "12.50", currency: "USDC" },
    ...{ card: `0x${"d0".repeat(20)}`, time: 1_790_000_000, place: "unsent", may: ["refund"], refundable: "12.50" },
  };
  const refund = { refundId: "r1", tapId: "t1", amount: "12.50", currency: "USDC", message: "English", receipt: "" };

  it.each([
    ["on its way", { state: "refunding", code: null, queued: false }, /^Giving back: 12\.50/],
    ["waiting for a connection", { state: "refunding", code: "WAITING_FOR_UPLOAD", queued: true }, /next connection/],
    [
      "refused, in the cashier's words",
      { state: "refused", code: "SHORT_OF_FUNDS", queued: false },
      /^Not given back\. .*too little/,
    ],
  ])("says that it is %s", async (_, changes, text) => {
    gateway.says("GET /v1/taps", { taps: [paid], next: null });
    gateway.says("POST /v1/taps/t1/refund", { ...refund, ...changes });
    window.click('[data-key="way-payments"]');
    await turns();
    window.click('[data-key="refund-t1"]');
    await turns();
    window.click('.ask button[type="submit"]');
    await turns();
    expect(told()).toMatch(text);
    expect(told()).not.toContain("English");
  });
});

describe("the balance of a card", () => {
  beforeEach(() => {
    gateway.says("GET /v1/balance", fakeBalance());
    cards = [];
  });

  it("says what is left and until when, of each currency, and asks nobody else", async () => {
    await go("balance");
    expect(sheet()).toContain("Hold the card to the reader");
    await card();
    expect(sheet()).toMatch(/Left on the card1,497\.50.*December.*50\.00.*25\.00.*0xd0cf49/s);
    expect(gateway.asked.some(([call]) => call.startsWith("PUT"))).toBe(false);
  });

  it("says why the card would not pay, beside what is left", async () => {
    gateway.says("GET /v1/balance", fakeBalance({ code: "CARD_SUSPENDED", message: "Suspended by its issuer." }));
    await go("balance");
    await card();
    expect(sheet()).toMatch(/1,497\.50.*Suspended by its issuer/s);
  });

  it.each([
    ["another place", () => window.click('[data-key="way-sell"]')],
    ["Escape", () => window.key("Escape")],
    ["the button", () => window.click('[data-key="balance-stop"]')],
    ["a sale that another window began", () => gateway.tell(fakeSale("waiting"))],
  ])("leaves the reader free by %s", async (_, end) => {
    await go("balance");
    expect(waits.map(({ aborted }) => aborted)).toEqual([false]);
    end();
    await turns();
    expect(waits.map(({ aborted }) => aborted)).toEqual([true]);
    expect(told()).toBe("");
  });

  it("is forgotten when somebody goes elsewhere", async () => {
    await go("balance");
    await card();
    window.click('[data-key="way-more"]');
    await go("balance");
    expect(sheet()).not.toContain("1,497");
  });

  it("shows the last payments after the card's PIN, which is kept nowhere", async () => {
    const paid = { counter: 7, amount: "2.50", time: 1_796_000_000, payee: `0x${"b0".repeat(20)}` };
    gateway.says(
      "POST /v1/balance",
      fakeBalance({
        payments: [
          { ...paid, here: true },
          { ...paid, counter: 6, here: false },
        ],
      }),
    );
    await go("balance");
    await card();
    typePin("12");
    expect(gateway.asked.some(([call]) => call === "POST /v1/balance")).toBe(false);
    typePin("1234");
    await turns();
    await card();
    expect(gateway.asked.at(-1)).toEqual(["POST /v1/balance", { pin: "1234", waitSeconds: 30 }]);
    expect(sheet()).toMatch(/Last payments.*Paid here.*2\.50.*0xb0b0b0.*2\.50/s);
    expect(window.find("#pin")).toBeNull();
  });

  it("says why the payments are not shown, and takes the PIN once more", async () => {
    const wrong = { paymentsCode: "CARD_WRONG_PIN", paymentsMessage: "The PIN was wrong." };
    gateway.says("POST /v1/balance", fakeBalance(wrong));
    await go("balance");
    await card();
    typePin("9999");
    await turns();
    await card();
    expect(sheet()).toMatch(/1,497\.50.*wrong/s);
    expect(window.find("#pin")).not.toBeNull();
  });

  it("is of the page's own lane, and waits for no payment that runs", async () => {
    window.kill();
    await open("lane=bar");
    gateway.refuses("GET /v1/balance", 409, "TAP_IN_PROGRESS");
    await go("balance");
    await card();
    expect(urls).toEqual(["/v1/balance?lane=bar&waitSeconds=30"]);
    expect(told()).toContain("already waiting for a card");
  });
});
