import { describe, expect, it } from "@jest/globals";
import type { CaseDetail } from "../../cases/case-answers.ts";
import type { MoneySums } from "../read/money-texts.ts";
import type { ApprovalsView } from "../read/waiting/approvals.ts";
import type { Overview } from "../read/overview.ts";
import type { VoucherLife } from "../read/voucher-life.ts";
import type { WorkView } from "../read/work.ts";
import { documentOf, type Frame } from "../view/frame.tsx";
import { ApprovalsPage } from "./approvals.tsx";
import { BooksPage, type BooksData } from "./books.tsx";
import { CasePage } from "./cases/case.tsx";
import { HomePage } from "./home.tsx";
import { MerchantsPage } from "./parties/merchants.tsx";
import type { FloatAnswer } from "../../float/float-answers.ts";
import type { OrdersView } from "../read/programme.ts";
import { CostsPage } from "./money/costs.tsx";
import { FloatPage } from "./programme/float.tsx";
import { OrdersPage } from "./programme/orders.tsx";
import { QueuesPage } from "./queues.tsx";
import { ReturnsPage, type ReturnsData } from "./returns.tsx";
import { SearchPage } from "./search.tsx";
import { AlarmsPage } from "./waiting/alarms.tsx";
import { JoiningPage } from "./waiting/joining.tsx";
import { VoucherPage } from "./voucher.tsx";

const hash = (digit: string) => `0x${digit.repeat(64)}`;
const address = (digit: string) => `0x${digit.repeat(40)}`;
const AT = "2026-11-21T09:00:00.000Z";
const HOSTILE = `"><script src=//example>alert('x')</script><img src=x onerror=y>`;

const frame: Frame = {
  ...{ asset: "TUSD", vault: address("a"), chainId: "31337", now: Date.parse(AT) + 3_600_000 },
  ...{
    actor: { name: "ada", role: "operator" },
    formToken: "form-token",
    hasPasskeys: true,
    explorer: "https://explorer.example",
    issuerKeys: [`0x02${"1".repeat(64)}`],
  },
};

const side = {
  minted: "1000.00",
  wallets: "856.00",
  guarantee: "100.00",
  cards: "33.50",
  owed: "0.00",
  paidOut: "10.50",
};
const sums: MoneySums = {
  ...{ block: "812", ageSeconds: 2, chain: side, ledger: side, acceptedUnpaid: "1.25", difference: "0" },
  issuerOwes: { vouchers: "7.40", ledger: "7.41" },
  vault: { held: "33.51", owes: "33.50", surplus: "0.01", insolvent: false },
  anchors: { log: { size: 1_204, root: hash("1") }, anchored: 3, agreeing: 3, newest: null, disagreeing: [] },
};

const overview: Overview = {
  situation: { tone: "good", sentence: "Money moves.", code: null, href: null, also: [] },
  ...{
    fuelOf: "the treasury",
    fuel: { account: address("b"), wei: "1", batches: 43 },
    guarantee: null,
    hasGuarantee: false,
    cases: 2,
    block: "812",
    ageSeconds: 1,
    alarms: { count: 0, newest: [] },
  },
  money: { sums, fault: null },
  next: { vouchers: 3, amount: "12.00 TUSD", latest: "2026-11-21T09:00:05.000Z" },
};

const books: BooksData = {
  ...{ money: { sums, fault: null }, periods: [], lines: [], next: null, asked: null, account: null, noTime: null },
};

const found: CaseDetail = {
  ...{ id: "7", kind: "FORK", detail: HOSTILE, state: "open", causedAt: AT, openedAt: AT, resolvedAt: null },
  ...{ owner: HOSTILE, card: address("c"), counter: 7, payee: null, terminalId: null, voucherId: null, cost: "3.00" },
  messages: ["9", "d"].map((digit) => ({
    ...{ voucherId: hash(digit), payee: address("b"), amount: "3.00", counter: 7, state: "final" },
    ...{ source: "upload" as const, tx: null, message: hash("1"), signature: hash("2"), parity: 0 },
  })),
  history: [{ kind: "opened", who: null, role: null, reason: HOSTILE, at: AT }],
};

const life: VoucherLife = {
  ...{ id: hash("a"), payment: null, postings: [], cases: [] },
  view: {
    ...{ state: "refused", code: HOSTILE, waits: null, batch: null, tx: null, amount: null, reversed: false },
    ...{ owes: null, refunded: "0.00", refunds: [] },
  },
  steps: [{ at: AT, text: HOSTILE, tx: hash("3"), batch: null, block: "9" }],
};

const work: WorkView = {
  queues: [{ name: "Vouchers, received", depth: 3, amount: "12.00 TUSD", oldest: AT }],
  failures: [
    {
      ...{ reason: HOSTILE, count: 30, setAside: 4 },
      actions: [
        {
          ...{ id: "77ab", kind: "withdraw", over: false, state: "refused", cause: "no", since: AT },
          ...{ retryAt: null, abandoned: false, failure: HOSTILE },
        },
      ],
    },
  ],
  calls: null,
};

const names = new Map<string, string>();

const returned: ReturnsData = {
  names,
  withheld: [
    {
      ...{ voucherId: hash("a"), ground: "PER_CARD", amount: "3.00", payee: address("b"), card: address("c") },
      ...{ since: AT, overdue: true },
      payment: { roles: ["operator"], persons: 1 },
      refusal: { roles: ["operator"], persons: 2 },
      decisions: [
        {
          ...{ kind: "refusal-proposed" as const, way: null, ground: "DISOWNED", who: "somebody-named" },
          reason: "so",
          at: AT,
        },
      ],
    },
  ],
  reversals: [
    {
      ...{ payee: address("b"), reversedAt: AT },
      voucher: {
        ...{ voucherId: hash("6"), card: address("c"), state: "final", amount: "2.50", refunded: "1.00" },
        owes: "refund",
      },
    },
    { payee: address("b"), reversedAt: AT, voucher: null },
  ],
  unconfirmed: [
    {
      ...{ id: hash("b"), payee: address("b"), terminalId: "0x0011223344556677", arrivedAt: AT },
      ...{ voucherId: hash("c"), amount: "0.40", text: "I confirm" },
    },
  ],
  returns: [
    {
      ...{ kind: "released", final: false, tx: hash("8"), block: "813", card: address("c"), payee: address("b") },
      ...{ amount: "0.70", vouchers: [], ofNoVoucher: "0.20" },
    },
  ],
};

const silent = {
  ...{ payee: address("b"), terminalId: "0x0011223344556677", name: HOSTILE, merchant: HOSTILE, contact: HOSTILE },
  ...{ perTap: "50.00", unsent: "1.00 in 3", perCard: "1.00", validTo: AT, state: "valid" as const, heardAt: AT },
  withdrawn: null,
  silence: `${HOSTILE}: silent 9 h`,
};

const home = (change: Partial<Overview> = {}) =>
  documentOf(HomePage({ frame, overview: { ...overview, ...change }, charts: null }));

describe("approvals", () => {
  const asked = {
    ...{
      id: "0b3f",
      kind: "payout" as const,
      subject: address("b"),
      amount: "900.00",
      askedBy: "ida",
      reason: HOSTILE,
    },
    ...{ askedAt: AT, endsAt: AT, state: "waiting" as const, decidedBy: null, decidedReason: null, decidedAt: null },
  };
  const page = (by: string, mayDecide = true, change: Partial<ApprovalsView> = {}) => {
    const owed = new Map([[asked.subject, asked.amount]]);
    const view = { approvals: [asked], names, owed, above: "500.00", aboveADay: null, ...change };
    return documentOf(ApprovalsPage({ frame: { ...frame, actor: { name: by, role: "finance" } }, view, mayDecide }));
  };

  it("tell of what was decided when it was, and why it was asked for; what ended by itself did so at its end", () => {
    const decided = { ...asked, reason: "Order 7", state: "approved" as const, decidedAt: "2026-11-20T08:07:06.000Z" };
    const ended = { ...asked, endsAt: "2026-11-19T01:02:03.000Z", state: "ended" as const };
    const table = page("uma", true, { approvals: [decided, ended] }).split('aria-label="Decided"')[1] ?? "";
    for (const text of ["Order 7", 'dateTime="2026-11-20T08:07:06.000Z"', 'dateTime="2026-11-19T01:02:03.000Z"'])
      expect(table.toLowerCase()).toContain(text.toLowerCase());
  });

  it("name the sum above which a second person is asked, and a payee as it is called", () => {
    expect(page("uma")).toContain("above 500.00 TUSD");
    expect(page("uma", true, { above: null })).toContain("approvals.above");
    const daily = page("uma", true, { above: null, aboveADay: "900.00" });
    expect([daily.includes("above 900.00 TUSD a day"), daily.includes("approvals.above")]).toEqual([true, false]);
    const named = page("uma", true, { names: new Map([[asked.subject, HOSTILE]]) });
    expect(named).toContain("<bdi>&quot;>&lt;script");
    expect(named).toContain(`href="/console/merchants/${asked.subject}"`);
  });

  it("show what a payout would pay now, and approve no other sum than the one that is shown", () => {
    const shown = (owed: string | null, change: object = {}) => {
      const approvals = [{ ...asked, ...change }];
      const text = page("uma", true, { approvals, owed: new Map(owed === null ? [] : [[asked.subject, owed]]) });
      return [/<h2>([0-9.]+) TUSD/.exec(text)?.[1], /name="amount" value="([^"]*)"/.exec(text)?.[1]];
    };
    expect(shown("931.00")).toEqual(["931.00", "931.00"]);
    expect(shown("20.00")).toEqual(["20.00", "20.00"]);
    // A node that is away; and what does not change meanwhile.
    expect(shown(null)).toEqual(["900.00", "900.00"]);
    expect(shown("931.00", { kind: "funding" })).toEqual(["900.00", "900.00"]);
  });

  it("let another person decide, and neither whoever asked nor a role that may not", () => {
    const form = `action="/console/approvals/0b3f/approval"`;
    expect([page("uma").includes(form), page("ida").includes(form), page("uma", false).includes(form)]).toEqual([
      ...[true, false, false],
    ]);
    expect(page("uma")).not.toContain("<script src=//example");
  });
});

describe("the first screen", () => {
  it("says what there is to say in one sentence, and what keeps everything going", () => {
    const page = home();
    for (const text of ["Money moves.", "Gas for 43 batches", "3 vouchers, 12.00 TUSD", "Solvent, no difference"])
      expect(page).toContain(text);
    expect(page).not.toContain("What follows is");
  });

  it("shouts where the vault holds too little, or chain and books differ", () => {
    const vault = { held: "0.00", owes: "33.50", surplus: "-33.50", insolvent: true };
    expect(home({ money: { sums: { ...sums, vault }, fault: null } })).toContain("INSOLVENT by -33.50");
    expect(home({ money: { sums: { ...sums, difference: "1.00" }, fault: null } })).toContain("Differs by 1.00");
  });

  it("is there while nothing answers, and says how old its figures are", () => {
    const situation = { ...overview.situation, tone: "bad" as const, sentence: "The database does not answer." };
    const money = { sums: null, fault: "The chain cannot be read." };
    const dark = home({ situation, money, fuel: null, next: null, ageSeconds: null });
    for (const text of ["The database does not answer.", "The chain cannot be read."]) expect(dark).toContain(text);
    expect(home({ ageSeconds: 90 })).toContain("What follows is 90 s old.");
    // An account that cannot be read is not one that holds nothing, nor one that is not there.
    const guarantee = (hasGuarantee: boolean) =>
      /<strong>([a-z]+)<\/strong><small>in the guarantee/.exec(home({ hasGuarantee }))?.[1];
    expect([guarantee(true), guarantee(false)]).toEqual(["unknown", "none"]);
  });

  it("leads nobody to a page that refuses the role", () => {
    const shown = (role: "viewer" | "issuer") =>
      documentOf(HomePage({ frame: { ...frame, actor: { name: "ada", role } }, overview, charts: null }));
    const place = `href="/console/joining"`;
    expect([shown("issuer").includes(place), shown("viewer").includes(place)]).toEqual([true, false]);
    expect(shown("viewer")).toContain(`href="/console/alarms"`);
  });

  it("names open alarms, whom they reached and who looks after them, and counts all of them", () => {
    const newest = [
      { code: "NO_GAS", level: "reason" as const, since: new Date(AT), told: ["on-call"], acknowledgedBy: null },
      { code: "GAS_LOW", level: "warning" as const, since: new Date(AT), told: [], acknowledgedBy: HOSTILE },
    ].map((each) => ({ ...each, isOver: false }));
    const page = home({ alarms: { count: 7, newest } });
    for (const text of ["7 open alarms", "told by on-call", "told to nobody yet", "nobody has acknowledged it"])
      expect(page).toContain(text);
    expect(page).not.toContain("<img");
    expect(home()).not.toContain("open alarm");
    // One that stands beside a screen on which nobody has to act says why.
    const over = home({ alarms: { count: 2, newest: newest.map((each) => ({ ...each, isOver: true })) } });
    expect([page, over].map((shown) => shown.split("is over, and its end").length - 1)).toEqual([0, 2]);
  });

  it("loads nothing but its own style and script, and holds neither", () => {
    const page = home();
    expect(page).not.toMatch(/<style|<script>| style="| on[a-z]+="|javascript:/);
    expect(
      [...page.matchAll(/ (?:src|href)="([^"]*)"/g)].map(([, to]) => to).filter((to) => !/^[/#]/.test(to ?? "")),
    ).toEqual([]);
  });
});

const orders: OrdersView = {
  reports: [
    {
      ...{ digest: `0x${"7e".repeat(32)}`, order: "<order>.csv", station: null, operator: null },
      ...{ payee: `0x${"0b".repeat(20)}`, terminalId: `0x${"0c".repeat(8)}` },
      ...{ madeAt: "2026-11-28T09:12:00.000Z", receivedAt: "2026-11-28T09:12:01.000Z", cards: 3, ready: 2 },
      ...{ deposited: "41.00", known: { cards: 2, deposited: "40.00" } },
    },
  ],
  stations: [{ station: HOSTILE, claimed: 5, registered: 4, open: 3, loaded: 2, seen: 1, lastAt: AT }],
  cards: [
    { reference: HOSTILE, station: "two", operator: HOSTILE, at: AT, card: null, deposit: null, state: "to be made" },
    { reference: "C-2", station: "two", operator: null, at: AT, card: address("c"), deposit: "5.00", state: "ready" },
  ],
  next: `1 ${HOSTILE}`,
};

const share = { cards: 1, amount: "3.00" };
const float: FloatAnswer = {
  ...{ deposits: "44.00", spent: "10.50", liability: "33.50", expired: { cards: 0, amount: "0.00" } },
  unspent: [
    { days: "0-30", ...share },
    { days: "over-365", cards: 7, amount: "30.50" },
  ],
  expiring: { days: 30, cards: 2, amount: "4.00" },
  waiting: { deposits: "1.00", vouchers: "2.00", owed: "0.50", advances: "0.00", replacements: 0 },
};

const alarm = {
  ...{ id: "a1", code: "NO_GAS", level: "reason" as const, message: HOSTILE, next: HOSTILE, since: Date.parse(AT) },
  ...{ acknowledgedAt: null, acknowledgedBy: null, endedAt: null },
};
const told = { way: "on-call", toldAt: AT, from: null, fault: HOSTILE };
const alarms = { ways: true, open: [{ ...alarm, told: [told] }], ended: [{ ...alarm, endedAt: Date.parse(AT) }] };

const request = {
  ...{ id: hash("d"), digits: "d".repeat(20), payee: address("b"), terminalId: "0x0011223344556677" },
  ...{ terminalKey: hash("5"), category: 3, time: 1, receivedAt: AT, state: "waiting" as const },
  ...{ reason: HOSTILE, decidedBy: HOSTILE, knownPayee: false, knownTerminal: true },
};

const fees = { from: "2026-11-01", to: "2026-11-21", by: "merchant" as const, transactions: 2, wei: "70" };
const costs = {
  ...{ from: "2026-11-01", to: "2026-11-21", amount: "3.00", paidTwice: "1.00", gasWei: "9", owed: "7.40" },
  sums: [{ ground: "fork" as const, vouchers: 1, amount: "3.00" }],
  costs: [
    {
      ...{ at: AT, ground: "fork" as const, amount: "3.00", voucher: hash("a"), payee: address("b"), card: null },
      ...{ counter: null, tx: null, way: "deposit" as const, gasWei: null, paidTwice: true },
    },
  ],
  more: false,
};

describe("pages", () => {
  const pages: Readonly<Record<string, () => string>> = {
    case: () => documentOf(CasePage({ frame, found, names, mayDecide: true, mayPay: true })),
    voucher: () => documentOf(VoucherPage({ frame, life, fees: { voucher: life.id, wei: "0", shares: [] } })),
    queues: () => documentOf(QueuesPage({ frame, work, role: "operator" })),
    merchants: () =>
      documentOf(MerchantsPage({ frame, silent: { count: 3, terminals: [silent] }, terminals: [silent], next: null })),
    orders: () => documentOf(OrdersPage({ frame, orders })),
    alarms: () => documentOf(AlarmsPage({ frame, alarms, mayAcknowledge: true })),
    joining: () => documentOf(JoiningPage({ frame, requests: [request, { ...request, state: "refused" }] })),
    search: () =>
      documentOf(
        SearchPage({
          ...{ frame, query: HOSTILE },
          groups: [
            { kind: "Card", more: true, hits: [{ kind: "Card", title: HOSTILE, detail: HOSTILE, href: "/console" }] },
          ],
        }),
      ),
  };

  it.each(Object.keys(pages))("of %s keep the time of their figures as new as these", (name) => {
    expect(pages[name]?.()).toMatch(/<footer>(?:(?!<\/footer>)[\s\S])*<span id="read-at" data-live[^>]*>\d{4}-/);
  });

  it.each(Object.keys(pages))("of %s escape what others have written", (name) => {
    const page = pages[name]?.() ?? "";
    expect(page).not.toMatch(/<script(?! src="\/console\/assets\/)/);
    expect(page).not.toContain("<img");
    expect(page).toContain("&lt;script");
  });

  it("show a name that was stored with controls of direction apart from what is around it", () => {
    const turned = { ...silent, name: "\u202emoc.2", merchant: "\u202emoc" };
    const page = documentOf(
      MerchantsPage({ frame, silent: { count: 0, terminals: [] }, terminals: [turned], next: null }),
    );
    for (const name of [turned.name, turned.merchant]) expect(page).toContain(`<bdi>${name}</bdi>`);
  });

  it("show long values whole to those who copy them", () => {
    expect(pages["case"]?.()).toContain(`<span class="hash" title="${hash("9")}">${hash("9")}</span>`);
  });

  it("show both messages of a fork side by side, with what a person may do and the form token that it takes", () => {
    const page = pages["case"]?.() ?? "";
    for (const digit of ["9", "d"]) expect(page).toContain(hash(digit));
    expect(page.match(/name="formToken" value="form-token"/g)?.length).toBe(2);
    expect(page).toContain("/v1/cases/7/evidence");
    expect(documentOf(CasePage({ frame, found, names, mayDecide: false, mayPay: false }))).not.toContain(
      '<form class="act"',
    );
    expect(
      documentOf(CasePage({ frame: { ...frame, formToken: null }, found, names, mayDecide: true, mayPay: true })),
    ).toContain("sign in");
  });

  it("offer what is withheld to be paid, or refused on a ground, to those who may, and to nobody once it is decided", () => {
    const withheld: CaseDetail = { ...found, kind: "WITHHELD", voucherId: hash("a") };
    const show = (change: Partial<CaseDetail>, mayPay: boolean) =>
      documentOf(CasePage({ frame, found: { ...withheld, ...change }, names, mayDecide: true, mayPay }));
    expect(show({}, true)).toContain("/console/cases/7/payment");
    expect(show({}, true)).toMatch(/<option value="[A-Z_]+"/);
    expect(show({}, true)).not.toContain("DISOWNED");
    for (const other of [show({}, false), show({ state: "over" }, true), show({ kind: "FORK" }, true)])
      expect(other).not.toContain("/console/cases/7/payment");
  });

  it("of alarms say whom each reached, and are acknowledged by those alone who may, once", () => {
    const form = `action="/console/alarms/a1/acknowledgement"`;
    const show = (mayAcknowledge: boolean, acknowledgedAt: number | null = null) => {
      const open = [{ ...alarm, told: [told], acknowledgedAt, acknowledgedBy: acknowledgedAt === null ? null : "kai" }];
      return documentOf(AlarmsPage({ frame, alarms: { ...alarms, open }, mayAcknowledge }));
    };
    expect([show(true).includes(form), show(false).includes(form), show(true, 1).includes(form)]).toEqual([
      ...[true, false, false],
    ]);
    expect([show(true).includes("on-call"), show(true, 1).includes("Acknowledged by kai")]).toEqual([true, true]);
    const none = { ways: false, open: [], ended: [] };
    expect(documentOf(AlarmsPage({ frame, alarms: none, mayAcknowledge: true }))).toContain("alarms.ways");
  });

  it("of terminals that ask show no digits to be copied, and have a field for what is read at the terminal", () => {
    const page = (pages["joining"]?.() ?? "").replace(/action="[^"]*"/g, "");
    expect(page).not.toContain(request.digits);
    for (const name of ["digits", "payee", "days", "perTap", "unsentSum", "unsentCount", "perCardSum", "softwareSum"])
      expect(page.match(new RegExp(`<label[^>]*>[^<]+<input name="${name}"`, "g"))).toHaveLength(1);
  });

  it("of costs have what each merchant's part is, and what the issuer bore", () => {
    const rows = [{ key: address("b"), transactions: 2, vouchers: 3, wei: "61" }];
    const page = documentOf(CostsPage({ frame, fees: { ...fees, rows, others: { wei: "9" } }, costs }));
    for (const text of ["70 wei", "61", "9 wei are", `/console/merchants/${address("b")}`, "fork, paid twice", "7.40"])
      expect(page).toContain(text);
    expect(page).toMatch(/<option (?=[^>]*value="merchant")[^>]*selected/);
    // By kind nobody counts vouchers, and no column stands there for them.
    const kinds = {
      ...fees,
      others: { wei: "0" },
      by: "kind" as const,
      rows: [{ key: "settle", transactions: 2, vouchers: null, wei: "61" }],
    };
    const byKind = documentOf(CostsPage({ frame, fees: kinds, costs }));
    expect([page, byKind].map((shown) => shown.includes('<th scope="col" class="n">Vouchers</th>'))).toEqual([
      true,
      false,
    ]);
  });

  it("of the programme lead to a card where there is one, and say what is on cards by age", () => {
    const page = pages["orders"]?.() ?? "";
    expect(page.match(/href="\/console\/cards\/0x/g)).toHaveLength(1);
    expect(page).toContain(`href="/v1/order-reports/0x${"7e".repeat(32)}"`);
    expect(page).toContain("41.00");
    expect(page).toContain("40.00");
    const [report] = orders.reports;
    const compared = (known: { readonly cards: number; readonly deposited: string }): boolean => {
      const reports = report === undefined ? [] : [{ ...report, known }];
      const shown = documentOf(OrdersPage({ frame, orders: { ...orders, reports } }));
      expect(shown.includes(">agrees<")).not.toBe(shown.includes(">differs<"));
      return shown.includes(">agrees<");
    };
    expect(compared({ cards: 2, deposited: "41.00" })).toBe(true);
    expect(compared({ cards: 1, deposited: "41.00" })).toBe(false);
    expect(compared({ cards: 3, deposited: "41.01" })).toBe(false);
    expect(page).toContain(`0x${"0c".repeat(8)}`);
    expect(page).not.toContain("<order>");
    expect(page).toContain(`/console/orders?before=${encodeURIComponent(orders.next ?? "")}`);
    const shown = documentOf(FloatPage({ frame, read: { float, ageSeconds: 1 } }));
    for (const text of ["33.50 TUSD", "30.50", "4.00 TUSD on 2 cards", "0.00 TUSD on 0 cards", "1 second ago"])
      expect(shown).toContain(text);
    expect(documentOf(FloatPage({ frame, read: null }))).toContain("being read");
  });

  it("have no way to empty a queue, and offer a decision to those alone who may take it", () => {
    const page = pages["queues"]?.() ?? "";
    expect(page).toContain("/console/queues/action/77ab/retry");
    expect(page).toContain("/console/queues/action/77ab/abandon");
    expect(page).not.toMatch(/empty|obliterate|drain/i);
    expect(page).toContain("Redis does not answer");
    const other = documentOf(QueuesPage({ frame, work, role: "issuer" }));
    expect(other).not.toContain("/retry");
  });

  it("of returns show what is still to be done, what waits for a payee, and of a decision not who took it", () => {
    const page = documentOf(ReturnsPage({ frame, data: returned }));
    for (const text of ["the payee refunds it", "did not arrive", "813, not final", "0.20 of no voucher"])
      expect(page).toContain(text);
    for (const text of ["no effect until the payee confirms", "one of two persons refuses it: DISOWNED", hash("b")])
      expect(page).toContain(text);
    expect(page).toMatch(/<span class="bad"><time/);
    expect(page).not.toContain("somebody-named");
    // Payees by their names, where they have one.
    const named = documentOf(
      ReturnsPage({ frame, data: { ...returned, names: new Map([[address("b"), "Kiosk 2"]]) } }),
    );
    const rows = [...named.matchAll(/<table[^>]* aria-label="([^"]+)"(?:(?!<\/table>)[\s\S])*Kiosk 2/g)].map(
      ([, table]) => table,
    );
    expect(rows).toEqual(["Withheld", "Reversals", "Reversals after a withdrawal", "Returns"]);
  });

  it("of the books say of an account whether it is not there, or the time is none, or not come yet", () => {
    const said = (noTime: BooksData["noTime"]) => {
      const data = { ...books, asked: { id: "treasury", at: "2030-01-01" }, noTime };
      return /<p class="warn">([^<]*)/.exec(documentOf(BooksPage({ frame, data, mayClose: false })))?.[1];
    };
    expect(new Set([said(null), said("no time"), said("in the future")]).size).toBe(3);
    expect([said(null)?.includes("treasury"), said("in the future")?.includes("future")]).toEqual([true, true]);
  });

  it("of the books say how a closed period is judged without this service", () => {
    const statement = JSON.stringify({ from: null, to: AT, log: { size: 1, root: hash("1") }, sum: "0" });
    const period = (id: string) => ({ id, statement, signature: hash("2"), issuerKeyId: 1 });
    const text = (...periods: ReturnType<typeof period>[]) =>
      documentOf(BooksPage({ frame, data: { ...books, periods }, mayClose: false })).replace(/<[^>]+>/g, "");
    expect(text(period("1"))).toMatch(/verify period period-1\.json --issuer-key HEX(?! --previous)/);
    expect(text(period("2"), period("1"))).toContain("period-2.json --issuer-key HEX --previous period-1.json");
    expect(text()).not.toContain("verify period");
  });

  it("of the books have lines of their own for the guarantee and the issuer's debt, and name anchors that differ", () => {
    const page = documentOf(BooksPage({ frame, data: books, mayClose: true }));
    for (const text of ["guarantee&#39;s account", "7.40", "7.41", "3 of 3 roots", "surplus 0.01"])
      expect(page.replace(/<[^>]+>/g, "").replaceAll("'", "&#39;")).toContain(text);
    const anchor = { batch: "8c0b3f4e", tx: hash("e"), size: 9, root: hash("f") };
    const anchors = { ...sums.anchors, agreeing: 2, disagreeing: [anchor] };
    const wrong = documentOf(
      BooksPage({ frame, data: { ...books, money: { sums: { ...sums, anchors }, fault: null } }, mayClose: false }),
    );
    expect(wrong).toContain("1 roots on the chain do not agree");
    expect(wrong).toContain(hash("f"));
  });
});
