import { join } from "node:path";
import { beforeAll, describe, expect, it } from "@jest/globals";
import type { DemoDocument } from "@tallystick/demo";
import { makeWorkFolder, projectRoot, startOwnedProcess } from "@tallystick/stack";
import { parseAmount } from "./amounts.ts";

const hex = (bytes: number): RegExp => new RegExp(`^0x[0-9a-f]{${bytes * 2}}$`);
const amount = /^\d+(\.\d+)?$/;

async function runDemo(): Promise<{ code: number | null; report: DemoDocument; log: string }> {
  const folder = makeWorkFolder("demo-test");
  const demo = await startOwnedProcess({
    command: process.execPath,
    args: [
      "--conditions=source",
      "--disable-warning=ExperimentalWarning",
      join(projectRoot(), "infra/demo/src/main.ts"),
      "--json",
    ],
    cwd: projectRoot(),
    stdoutFile: join(folder.path, "out"),
    stderrFile: join(folder.path, "log"),
  });
  const { code } = await demo.finished();
  const log = demo.tail();
  const output = demo.output();
  folder.remove();
  const lines = output.split("\n").filter((line) => line !== "");
  if (lines.length !== 1) throw new Error(`expected one line on standard output, got ${lines.length}:\n${log}`);
  return { code, report: JSON.parse(lines[0] ?? "") as DemoDocument, log };
}

describe("the demo", () => {
  let run: Awaited<ReturnType<typeof runDemo>>;
  let report: DemoDocument;

  beforeAll(async () => {
    run = await runDemo();
    ({ report } = run);
  });

  it("ends well", () => {
    expect({ code: run.code, ok: report.ok, log: run.code === 0 ? "" : run.log }).toEqual({
      code: 0,
      ok: true,
      log: "",
    });
    expect(Object.keys(report)).toEqual([
      ...["schema", "ok", "seconds", "taps", "uploads", "forks", "batches", "money"],
      ...["refund", "topUp", "claim"],
    ]);
    expect(report.schema).toBe("tallystick.demo/1");
  });

  it("shows each kind of tap with every field", () => {
    const steps = new Set(report.taps.map(({ step }) => step));
    expect([...steps].sort()).toEqual(["clone", "good", "over-cap", "repeat", "revoked", "torn"]);
    for (const tap of report.taps) {
      expect(Object.keys(tap)).toEqual([
        "step",
        "shop",
        "card",
        "counter",
        "amount",
        "apdus",
        "outcome",
        "code",
        "sw",
        "voucherId",
        "spentBefore",
        "spentAfter",
        "added",
      ]);
      expect(tap.card).toMatch(hex(20));
      expect(tap.amount).toMatch(amount);
      if (tap.outcome !== "accepted") {
        expect(tap.code).toMatch(/^[A-Z][A-Z0-9_]*$/);
        continue;
      }
      expect(tap).toMatchObject({ code: null, sw: "9000" });
      expect(tap.voucherId).toMatch(hex(32));
      expect(parseAmount(tap.spentAfter ?? "") - parseAmount(tap.spentBefore ?? "")).toBe(parseAmount(tap.amount));
    }
    expect(new Set(report.taps.filter(({ step }) => step === "good").map(({ apdus }) => apdus))).toEqual(new Set([2]));
  });

  it("has the over-cap tap refused by the card and the revoked card by the terminal", () => {
    expect(report.taps.filter(({ step }) => step === "over-cap")).toMatchObject([
      { outcome: "refused", sw: "9E06", apdus: 2 },
    ]);
    expect(report.taps.filter(({ step }) => step === "revoked")).toMatchObject([
      { outcome: "refused", sw: null, apdus: 1 },
    ]);
  });

  it("repeats the torn tap without a second debit", () => {
    const [torn] = report.taps.filter(({ step }) => step === "torn");
    const [repeat] = report.taps.filter(({ step }) => step === "repeat");
    expect(torn).toMatchObject({ outcome: "unresolved", voucherId: null });
    expect(repeat).toMatchObject({
      outcome: "accepted",
      card: torn?.card,
      counter: torn?.counter,
      spentBefore: torn?.spentBefore,
    });
    const next = report.taps.find(({ card, counter }) => card === torn?.card && counter === (torn?.counter ?? 0) + 1);
    expect(next?.spentBefore).toBe(repeat?.spentAfter);
  });

  it("counts the uploads: everything once, the second time only as known", () => {
    const accepted = report.taps.filter(({ outcome }) => outcome === "accepted").length;
    const sum = (name: "new" | "forked" | "duplicate" | "refused"): number =>
      report.uploads.reduce((total, row) => total + row[name], 0);
    expect(sum("new") + sum("forked")).toBe(accepted);
    expect(sum("forked")).toBe(1);
    expect(sum("refused")).toBe(0);
    expect(report.uploads.at(-1)).toMatchObject({ new: 0, forked: 0 });
    expect(report.uploads.at(-1)?.duplicate).toBe(
      report.uploads.find(({ shop }) => shop === report.uploads.at(-1)?.shop)?.new,
    );
  });

  it("finds the fork with both vouchers as evidence", () => {
    const clones = report.taps.filter(({ step }) => step === "clone");
    expect(clones.map(({ shop }) => shop).sort()).toEqual(["A", "B"]);
    expect(new Set(clones.map(({ counter }) => counter)).size).toBe(1);
    expect(report.forks).toHaveLength(1);
    const [fork] = report.forks;
    expect(fork).toMatchObject({ card: clones[0]?.card, counter: clones[0]?.counter, bearer: "issuer" });
    expect([...(fork?.vouchers ?? [])].sort()).toEqual(clones.map(({ voucherId }) => voucherId).sort());
    expect(fork?.vouchers).toContain(fork?.paid);
  });

  it("brings every batch to its end", () => {
    expect(report.batches.length).toBeGreaterThan(0);
    for (const batch of report.batches) {
      expect(Object.keys(batch)).toEqual(["id", "tx", "block", "state", "paid", "skipped"]);
      expect(batch).toMatchObject({ state: "final", skipped: 0 });
      expect(batch.tx).toMatch(hex(32));
      expect(batch.block).toMatch(/^\d+$/);
    }
  });

  it("refunds a final payment on the chain, and lets a merchant claim without settlement", () => {
    const { refund, claim } = report;
    expect(refund).toMatchObject({ shop: "A", amount: "1.80", state: "refunded" });
    expect(claim).toMatchObject({ shop: "B", amount: "1.35", settled: 1, withdrawn: "1.35" });
    for (const each of [refund, claim]) {
      expect(each.voucherId).toMatch(hex(32));
      expect(each.tx).toMatch(hex(32));
      expect(each.card).toBe(report.taps[0]?.card);
    }
    expect(report.batches.map(({ tx }) => tx)).not.toContain(claim.tx);
  });

  it("spends a top-up and a refund on a card that never came back to its issuer", () => {
    const { topUp } = report;
    expect(topUp).toMatchObject({ shop: "A", amount: "23.00", added: "16.80", apdus: 4 });
    expect(topUp.card).toBe(report.taps[0]?.card);
    expect(topUp.voucherId).toMatch(hex(32));
  });

  it("accounts for every cent", () => {
    const { money } = report;
    expect(Object.keys(money)).toEqual([
      "minted",
      "wallets",
      "guarantee",
      "cards",
      "owed",
      "paidOut",
      "acceptedUnpaid",
      "ledgerDifference",
    ]);
    const parts = Object.fromEntries(Object.entries(money).map(([name, text]) => [name, parseAmount(text)]));
    const sum = ["wallets", "guarantee", "cards", "owed", "paidOut"].reduce(
      (total, name) => total + (parts[name] ?? 0n),
      0n,
    );
    expect(parts["minted"]).toBe(sum);
    const loser = report.taps.find(({ step, voucherId }) => step === "clone" && voucherId !== report.forks[0]?.paid);
    expect(parts["guarantee"]).toBe(parseAmount("50.00") - parseAmount(loser?.amount ?? ""));
    expect(parts["acceptedUnpaid"]).toBe(0n);
    expect(parts["ledgerDifference"]).toBe(0n);
    const sold = report.taps
      .filter(({ outcome }) => outcome === "accepted")
      .reduce((total, tap) => total + parseAmount(tap.amount), 0n);
    expect(parts["paidOut"]).toBeGreaterThanOrEqual(sold);
  });
});
