import { describe, expect, it } from "@jest/globals";
import type { MerchantView, TerminalView } from "../../read/merchants.ts";
import { documentOf, type Frame } from "../../view/frame.tsx";
import { MerchantPage } from "./merchant.tsx";

const AT = "2026-11-21T09:00:00.000Z";
const PAYEE = `0x${"b".repeat(40)}`;
const HOSTILE = `"><script>alert('x')</script>`;

const frame: Frame = {
  ...{ asset: "TUSD", vault: `0x${"a".repeat(40)}`, chainId: "31337", now: Date.parse(AT), formToken: "token" },
  ...{ actor: { name: "ada", role: "operator" }, hasPasskeys: true, explorer: null, issuerKeys: [] },
};

const terminal: TerminalView = {
  ...{ payee: PAYEE, terminalId: "0x0011223344556677", name: null, merchant: null, contact: null, silence: null },
  ...{ perTap: "50.00 TUSD", unsent: "1.00 TUSD in 3 vouchers", perCard: "1.00 TUSD", heardAt: AT },
  ...{ validTo: "2027-11-30T00:00:00.000Z", state: "valid", withdrawn: null },
};

const merchant: MerchantView = {
  ...{ payee: PAYEE, name: "Bakery", contact: null, terminals: [terminal], vouchers: [], asked: [] },
  ...{ owed: "42.60 TUSD", onTheWay: "3.00 TUSD", paidOut: "15.00 TUSD", issuerOwes: null },
  reached: [
    { kind: "compensation", amount: "7.40 TUSD", at: AT, tx: `0x${"7".repeat(64)}`, voucher: `0x${"8".repeat(64)}` },
    { kind: "payout-by-others", amount: "1.35 TUSD", at: AT, tx: `0x${"9".repeat(64)}`, voucher: null },
  ],
  reachedBefore: "3.95 TUSD",
  payouts: [
    { id: "p", state: "final", amount: "15.00 TUSD", at: AT, tx: `0x${"e".repeat(64)}` },
    { id: "q", state: "sent", amount: null, at: AT, tx: null },
  ],
};

const show = (change: Partial<MerchantView> = {}, mayWithdraw = true) =>
  documentOf(
    MerchantPage({
      ...{ frame, merchant: { ...merchant, ...change }, cases: [] },
      ...{ fees: { wei: "0", transactions: 0, vouchers: 0, more: false } },
      firstUnit: { state: "known", amount: null, tx: null },
      rights: { mayName: true, mayPayOut: true, mayConfirm: true, mayWithdraw },
    }),
  );
const text = (html: string) => html.replaceAll(/<[^>]*>/g, " ").replaceAll(/\s+/g, " ");
const certificate = (change: Partial<TerminalView>) =>
  /Certificate (.*?) A payment/.exec(text(show({ terminals: [{ ...terminal, ...change }] })))?.[1];

describe("a merchant's page", () => {
  it("says how much each payout was, and that one is not booked yet", () => {
    expect(show()).toMatch(/data-label="Amount" class="n"><span>15\.00 TUSD</);
    expect(text(show())).toContain("not booked yet");
    expect(text(show({ issuerOwes: "1.25 TUSD" }))).toContain("The issuer owes it 1.25 TUSD");
  });

  it.each([
    ["sent", "not booked yet"],
    ["refused", "nothing"],
    ["failed", "nothing"],
  ])("says of a payout that is %s and not in the books: %s", (state, said) => {
    expect(text(show({ payouts: [{ id: "q", state, amount: null, at: AT, tx: null }] }))).toContain(
      ` ${said} ${state} `,
    );
  });

  it("shows a payout that waits for a second person in the place of the button, and one that was refused", () => {
    const button = `action="/console/merchants/${PAYEE}/payout"`;
    const asked = { amount: "23.00 TUSD", askedBy: "ida", reason: HOSTILE, askedAt: AT, endsAt: AT, refused: null };
    const refused = { ...asked, refused: { by: "ben", reason: "wait for Friday", at: AT } };
    const [waits, over] = [show({ asked: [asked, refused] }), show({ asked: [refused] })];
    expect([show(), waits, over].map((page) => page.includes(button))).toEqual([true, false, true]);
    expect([waits, over].map((page) => page.split(`<a href="/console/approvals">`).length - 1)).toEqual([
      show().split(`<a href="/console/approvals">`).length + 1,
      show().split(`<a href="/console/approvals">`).length - 1,
    ]);
    for (const said of ["23.00 TUSD", "ida", "ben", "wait for Friday", "&lt;script"]) expect(over).toContain(said);
  });

  it("says of a withdrawn certificate since when and why, and no end of it", () => {
    const withdrawn = { from: AT, reason: HOSTILE };
    const gone = certificate({ state: "withdrawn", withdrawn });
    expect(gone).toMatch(/^withdrawn since 2026-11-21 09:00:00 UTC: /);
    expect(gone).toContain("&lt;script");
    expect(gone).not.toContain("2027");
    // Who and why may have been erased.
    expect(certificate({ state: "withdrawn", withdrawn: { from: AT, reason: null } })).toBe(
      "withdrawn since 2026-11-21 09:00:00 UTC",
    );
    expect(certificate({ withdrawn: { from: AT, reason: "sold" } })).toBe(
      "valid, to 2027-11-30 00:00:00 UTC; withdrawn from 2026-11-21 09:00:00 UTC: sold",
    );
    expect(certificate({})).toBe("valid, to 2027-11-30 00:00:00 UTC");
  });

  it("lets statements of any days be had, where live figures do not take away what is chosen", () => {
    const shown = show();
    const form = shown.indexOf(`method="get" action="/v1/merchants/${PAYEE}/statements"`);
    const parts = [...shown.matchAll(/<section[^>]*data-live[\s\S]*?<\/section>/g)];
    expect([form > 0, parts.length]).toEqual([true, 2]);
    expect(parts.some(({ index, 0: part }) => index < form && form < index + part.length)).toBe(false);
    expect(shown).toContain(`/v1/merchants/${PAYEE}/statements?from=2026-10-01&amp;to=2026-10-31&amp;format=pdf`);
  });
});
