import { describe, expect, it } from "@jest/globals";
import { situationOf, type SituationGrounds } from "./situation.ts";

const since = new Date("2026-11-21T09:00:00Z");
const calm: SituationGrounds = {
  ...{ reasons: [], warnings: [], open: [], refused: [], cases: { count: 0, since: null }, silent: [] },
  standing: null,
  ...{ approvals: null, requests: null, now: since.getTime() + 3_600_000 },
  asset: { code: "TUSD", decimals: 2, scale: 10_000n },
  amountText: (units) => `${units / 100n}.00 TUSD`,
};
const noGas = { code: "NO_GAS", message: "The treasury is empty.", next: "Send it some.", since: since.toISOString() };

describe("the first sentence", () => {
  it("says that money moves, where it does and nothing waits for anybody", () => {
    expect(situationOf(calm)).toEqual({
      ...{ tone: "good", code: null, href: null, also: [] },
      sentence: "Money moves. Nothing is stuck, and nobody has to act.",
    });
  });

  it("says how much is stuck, where, since when, who must act and what to do, and never that money moves then", () => {
    const open = [
      { state: "received", count: 3, units: 1_240n, since },
      { state: "batched", count: 1, units: 60n, since },
      { state: "withheld", count: 9, units: 900n, since },
    ];
    const { tone, sentence, also } = situationOf({ ...calm, reasons: [noGas], open });
    expect(tone).toBe("bad");
    expect(sentence).toBe(
      "13.00 TUSD of 4 vouchers is stuck before a batch and in batches that are not final since 2026-11-21 09:00 UTC: " +
        "The treasury is empty. Whoever keeps the account that pays for gas must act: Send it some.",
    );
    expect(also.map(({ href }) => href)).toEqual(["/console/cases?kind=WITHHELD"]);
  });

  it("names the operator where a reason names nobody else, and every further reason", () => {
    const other = { ...noGas, code: "REDIS_UNAVAILABLE", message: "Redis is away.", next: "Start it." };
    const { sentence, also } = situationOf({ ...calm, reasons: [other, noGas], warnings: [other] });
    expect(sentence).toContain("The operator must act: Start it.");
    expect(also.map(({ text }) => text.split(":")[0])).toEqual(["NO_GAS", "REDIS_UNAVAILABLE"]);
  });

  it("asks persons for what they have to decide while money moves, what is withheld first", () => {
    const open = [
      { state: "skipped", count: 1, units: 100n, since },
      { state: "withheld", count: 1, units: 300n, since },
    ];
    const stuck = { kind: "withdraw", count: 2, since, failure: "SIMULATION", told: null, again: false } as const;
    const refused = [{ ...stuck, units: null }];
    const { tone, sentence, href, also } = situationOf({ ...calm, open, refused, cases: { count: 1, since } });
    expect([tone, href]).toEqual(["warn", "/console/cases?kind=WITHHELD"]);
    expect(sentence).toContain("3.00 TUSD of 1 voucher is stuck before a person since 2026-11-21 09:00 UTC");
    expect(also.map((each) => each.href)).toEqual(["/console/queues", "/console/queues", "/console/cases"]);
  });

  it("says of failed actions how much, who acts and what they can do, and those last that are tried by themselves", () => {
    const told = "SIMULATION: ERC20InsufficientBalance(0xaa, 706999996, 749000000)";
    const failed = { count: 1, since, failure: "SIMULATION", told, units: 500n } as const;
    const refused = [
      { ...failed, kind: "withdraw-card", again: false, told: "SIMULATION: NotYet" },
      { ...failed, kind: "fund", again: true },
    ] as const;
    const standing = { count: 1, units: 700n, since, card: "0xca" };
    const { sentence, also, tone } = situationOf({ ...calm, refused, standing });
    expect(tone).toBe("warn");
    expect(sentence).toContain(
      "5.00 TUSD of 1 withdrawal of a card's balance is stuck at the chain since 2026-11-21 09:00 UTC",
    );
    expect(sentence).toContain("the issuer must try it again");
    expect(also.map(({ href }) => href)).toEqual(["/console/cards/0xca", "/console/queues"]);
    expect(also[0]?.text).toContain("7.00 TUSD");
    expect(also[1]?.text).toContain("5.00 TUSD of 1 deposit to a card is stuck");
    expect(also[1]?.text).toContain("(the treasury lacks 42.000004 TUSD)");
    expect(also[1]?.text).toContain("tried again by itself");
    expect(situationOf({ ...calm, standing }).tone).toBe("warn");
  });

  it("counts what ends by itself, and says when the first of it ends", () => {
    const approvals = { units: 1_500n, count: 2, since, endsAt: new Date(calm.now + 3 * 3_600_000) };
    const requests = { count: 1, since, endsAt: new Date(calm.now - 1) };
    const { sentence, href, also } = situationOf({ ...calm, approvals, requests, cases: { count: 1, since } });
    expect(sentence).toContain("15.00 TUSD of 2 approvals wait since 2026-11-21 09:00 UTC");
    expect(sentence).toContain("the first ends in 3 h 0 min");
    expect(href).toBe("/console/approvals");
    expect(also[0]?.text).toContain("it ends in 0 s");
    expect(also.map((each) => each.href)).toEqual(["/console/joining", "/console/cases"]);
  });

  it("tells of silent terminals where nothing else waits", () => {
    const silent = [{ text: "Kiosk 2: silent 9 h.", href: "/console/merchants/0x" }];
    expect(situationOf({ ...calm, silent })).toMatchObject({ tone: "warn", sentence: "Kiosk 2: silent 9 h." });
  });

  it("says what it has lines of its own for once, and not as a warning beside them", () => {
    const warnings = ["CASES_OPEN", "TERMINALS_SILENT", "GAS_LOW"].map((code) => ({ ...noGas, code }));
    const { also } = situationOf({ ...calm, warnings, cases: { count: 1, since } });
    expect(also.map(({ text }) => text.split(":")[0])).toEqual(["GAS_LOW"]);
  });

  it("is there while the database does not answer", () => {
    const reason = { ...noGas, code: "DATABASE_UNAVAILABLE", next: "Start PostgreSQL." };
    expect(situationOf({ ...calm, open: null, reasons: [reason] })).toMatchObject({
      tone: "bad",
      sentence: "The database does not answer. The operator must act: Start PostgreSQL.",
    });
  });
});
