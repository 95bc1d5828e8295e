import { describe, expect, it } from "@jest/globals";
import { documentOf, type Frame } from "../console/view/frame.tsx";
import { styleAsset } from "../console/view/assets.ts";
import type { OwnAnswer, OwnVouchersAnswer } from "./own-answers.ts";
import { OwnPage, type OwnPageContent, OwnVouchersPage } from "./own-page.tsx";

const hash = (digit: string) => `0x${digit.repeat(64)}`;
const AT = "2026-11-21T09:00:00.123Z";
const NOW = Date.parse("2026-11-21T10:00:00.000Z");
const HOSTILE = `"><script>alert('x')</script>`;

const frame: Frame = {
  ...{ asset: "TUSD", vault: `0x${"a".repeat(40)}`, chainId: "31337", now: NOW, formToken: "token" },
  ...{ actor: { name: "bakery-7", role: "merchant" }, hasPasskeys: true, explorer: "https://explorer.example" },
  issuerKeys: [],
};

const terminal = {
  ...{ terminalId: "0x0011223344556677", name: null, notBefore: 1, notAfter: NOW / 1_000 + 60, withdrawnFrom: null },
};

const overview: OwnAnswer = {
  ...{ payee: `0x${"b".repeat(40)}`, name: HOSTILE, asset: "TUSD", terminals: [terminal] },
  balances: { accepted: "3.00", owed: "42.60", paidOut: "15.00", issuerOwes: null },
};

const vouchers: OwnVouchersAnswer = {
  vouchers: [
    {
      ...{ id: hash("c"), terminalId: terminal.terminalId, card: hash("d"), counter: 1, amount: "2.50", paidAt: 1 },
      ...{ receivedAt: AT, state: "final", batch: null, refunds: [] },
    },
  ],
  next: hash("c"),
};

const content: OwnPageContent = {
  ...{ frame, overview, vouchers },
  paid: {
    payouts: [
      { id: "p", state: "final", tx: hash("e"), createdAt: AT, amount: "15.00" },
      { id: "q", state: "planned", tx: null, createdAt: AT, amount: null },
    ],
    reached: [
      { kind: "payout-by-others", amount: "1.35", at: AT, tx: hash("7"), voucher: null },
      { kind: "compensation", amount: "7.40", at: AT, tx: hash("8"), voucher: hash("c") },
      { kind: "refund", amount: "-1.80", at: AT, tx: hash("9"), voucher: hash("c") },
    ],
    reachedBefore: "8.05",
  },
  batches: [
    {
      ...{ id: "b", state: "final", tx: hash("f"), vouchers: 1, amount: "2.50", ledgerRoot: hash("1") },
      ...{ ledgerSize: 3, createdAt: AT },
    },
  ],
};

const page = (change: Partial<OwnPageContent> = {}) => documentOf(OwnPage({ ...content, ...change }));
const text = (html: string) => html.replaceAll(/<[^>]*>/g, " ").replaceAll(/\s+/g, " ");

describe("a merchant's own page", () => {
  it("says where it stands, and what was paid out, with the currency", () => {
    const shown = text(page());
    for (const sum of ["3.00 TUSD", "42.60 TUSD", "15.00 TUSD", "2.50 TUSD"]) expect(shown).toContain(sum);
    expect(shown).toContain("not booked yet");
    expect(shown).not.toContain("from the issuer");
    const borne = { ...overview, balances: { ...overview.balances, issuerOwes: "1.25" } };
    expect(text(page({ overview: borne }))).toContain("from the issuer 1.25 TUSD");
  });

  it("lists all that was paid out ever, whoever sent it, with its transactions, and what it was before", () => {
    const shown = page();
    for (const sum of ["1.35 TUSD", "7.40 TUSD", "-1.80 TUSD", "8.05 TUSD"]) expect(text(shown)).toContain(sum);
    for (const digit of ["7", "8", "9"]) expect(shown).toContain(`https://explorer.example/tx/${hash(digit)}`);
    const all = { ...content.paid, reachedBefore: null };
    expect(text(page({ paid: all }))).not.toContain("8.05 TUSD");
  });

  it("shows what of a voucher was refunded, and says what its end means where nothing else does", () => {
    const [voucher] = vouchers.vouchers;
    const of = (change: Partial<OwnVouchersAnswer["vouchers"][number]>) =>
      page({ vouchers: { vouchers: voucher === undefined ? [] : [{ ...voucher, ...change }], next: null } });
    const refunded = of({ state: "refunded", refunds: [{ amount: "0.90", tx: hash("a") }] });
    expect([text(refunded).includes("0.90 TUSD"), refunded.includes(`/tx/${hash("a")}`)]).toEqual([true, true]);
    const explained = (state: string) =>
      ["compensated:", "disputed:"].map((word) => text(of({ state })).includes(word));
    expect([explained("final"), explained("compensated"), explained("disputed")]).toEqual([
      [false, false],
      [true, false],
      [false, true],
    ]);
  });

  it("has the console's style and times, and no script", () => {
    const shown = page();
    expect(shown).toContain(`href="${styleAsset.path}"`);
    expect(text(shown)).toContain("2026-11-21 09:00:00 UTC (59 min ago)");
    expect(text(shown)).not.toContain("09:00:00.123");
    expect(shown).not.toMatch(/<script|<style| style="/);
    expect(shown).toContain("&lt;script");
    // What is shortened is there whole, and each table is one that a narrow screen shows as cards.
    expect(shown).toContain(`title="${hash("e")}"`);
    expect(shown.match(/<table class="rows/g)).toHaveLength(5);
    expect(shown).toContain(`https://explorer.example/tx/${hash("e")}`);
  });

  it("is called by its name where it has one, and so are its terminals", () => {
    const named = { ...overview, name: "Bakery", terminals: [{ ...terminal, name: "Kiosk 2" }] };
    expect(page({ overview: named })).toMatch(/<h1>Bakery<\/h1>/);
    expect(text(page({ overview: named })).match(/Kiosk 2/g)).toHaveLength(2);
    expect(text(page({ overview: { ...overview, name: null } }))).toContain("Your payments");
  });

  it("leads to older vouchers while there are any", () => {
    const older = `href="/own?before=${hash("c")}"`;
    expect([page().includes(older), page({ vouchers: { ...vouchers, next: null } }).includes(older)]).toEqual([
      ...[true, false],
    ]);
    const further = documentOf(OwnVouchersPage(content));
    expect([further.includes(older), further.includes('href="/own"'), further.includes("42.60")]).toEqual([
      ...[true, true, false],
    ]);
  });

  it.each([
    [null, 60, "valid to"],
    [null, -60, "expired since"],
    [0, 60, "withdrawn since"],
    [30, 60, "withdrawn from"],
  ])("of a certificate withdrawn from %s that ends in %i s says: %s", (withdrawn, ends, said) => {
    const seconds = NOW / 1_000;
    const withdrawnFrom = withdrawn === null ? null : seconds + withdrawn;
    const terminals = [{ ...terminal, notAfter: seconds + ends, withdrawnFrom }];
    expect(text(page({ overview: { ...overview, terminals } }))).toContain(`${said} 2026-11-21`);
  });

  it("prints the command that judges each kind of file that it gives", () => {
    const commands = [...page().matchAll(/<code[^>]*>tallystick-settlement ([^<]+)<\/code>/g)].map(([, it]) => it);
    expect(commands.sort()).toEqual([
      "verify proof FILE.json --root HEX",
      "verify receipt FILE.json --issuer-key HEX",
      "verify statement FILE.json --issuer-key HEX --root HEX",
    ]);
  });

  it("gives statements of this month, the last one and any days, without a script", () => {
    const shown = page().replaceAll("&amp;", "&");
    for (const format of ["pdf", "csv", "json"])
      for (const days of ["from=2026-11-01&to=2026-11-21", "from=2026-10-01&to=2026-10-31"])
        expect(shown).toContain(`href="/v1/own/statements?${days}&format=${format}"`);
    expect(shown).toMatch(/<form[^>]* method="get" action="\/v1\/own\/statements"/);
    for (const name of ["from", "to"]) expect(shown).toMatch(new RegExp(`<input type="date" name="${name}" required`));
    // In January the last month is another year's.
    const january = { ...frame, now: Date.UTC(2027, 0, 31) };
    expect(page({ frame: january })).toContain("from=2026-12-01&amp;to=2026-12-31");
  });
});
