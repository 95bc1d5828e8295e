import { afterEach, describe, expect, it } from "@jest/globals";
import { feePolicy } from "@tallystick/evm";
import { DAY, type TestTerminal } from "../../test/harness/test-terminal.ts";
import { PRICE, TerminalSuite } from "../../test/harness/terminal-suite.ts";
import { NEAR_LIMIT_CODES } from "./currencies/currency-report.ts";
import { ReadinessReport } from "./readiness.ts";

const suite = new TerminalSuite();

afterEach(() => {
  suite.removeAll();
});

async function warningsOf({ gateway }: TestTerminal): Promise<readonly string[]> {
  const near: readonly string[] = NEAR_LIMIT_CODES;
  const { warnings } = await new ReadinessReport(gateway).read();
  return warnings.map(({ code }) => code).filter((code) => !near.includes(code));
}

describe("a payment of which nobody reports an end", () => {
  it("is warned of from U − 1 day on, until somebody reports it or the chain shows it", async () => {
    const { terminal } = await suite.withCard();
    const { voucherId } = await terminal.tap(PRICE);
    terminal.now += 6 * DAY - 1;
    expect(await warningsOf(terminal)).toEqual([]);
    terminal.now += 1;
    expect(await warningsOf(terminal)).toEqual(["VOUCHERS_UNREPORTED"]);
    const { journal } = terminal.gateway;
    const follow = (reported: "final" | null): void => {
      journal.write(() => {
        const seen = { state: "final", batch: null, tx: null, reported };
        journal.vouchers.follow(voucherId ?? new Uint8Array(32), seen, terminal.now);
      });
    };
    follow(null);
    expect(await warningsOf(terminal)).toEqual(["VOUCHERS_UNREPORTED"]);
    follow("final");
    expect(await warningsOf(terminal)).toEqual([]);
    follow(null);
    journal.write(() => {
      const end = { kind: "paid", tx: "0x1", block: 1n } as const;
      journal.outcomes.end(voucherId ?? new Uint8Array(32), end, terminal.now);
    });
    expect(await warningsOf(terminal)).toEqual([]);
  });

  it("is no warning where it was reversed, or where the terminal claims by itself", async () => {
    const { terminal } = await suite.withCard();
    const { id } = await terminal.tap(PRICE);
    terminal.gateway.engine.reverse(id);
    const claim = { rpcUrl: "http://127.0.0.1:1", keyFile: "none", fees: feePolicy() };
    const { terminal: claiming } = await suite.withCard({ claim });
    await claiming.tap(PRICE);
    for (const each of [terminal, claiming]) {
      each.now += 7 * DAY;
      expect(await warningsOf(each)).toEqual([]);
    }
  });
});

describe("a payment that was given up on the chain", () => {
  const seen = (state: string, reported: "final" | null) => ({ state, batch: null, tx: null, reported });

  it.each(["outcome", "report"])("is warned of where nobody here reversed it: by the chain's %s", async (shownBy) => {
    const { terminal } = await suite.withCard();
    const { journal } = terminal.gateway;
    const [sale, other] = [await terminal.tap(PRICE), await terminal.tap(PRICE)];
    const [id, paid] = [sale, other].map(({ voucherId }) => voucherId ?? new Uint8Array(32));
    if (id === undefined || paid === undefined) throw new Error("Nothing was sold.");
    journal.write(() => {
      journal.outcomes.end(paid, { kind: "paid", tx: "0x1", block: 1n }, terminal.now);
      journal.vouchers.follow(id, seen("released", null), terminal.now);
    });
    expect(await warningsOf(terminal)).toEqual([]);
    journal.write(() => {
      if (shownBy === "outcome") journal.outcomes.end(id, { kind: "released", tx: "0x2", block: 2n }, terminal.now);
      else journal.vouchers.follow(id, seen("released", "final"), terminal.now);
    });
    expect(await warningsOf(terminal)).toEqual(["RELEASED_UNORDERED"]);
  });

  it("is no warning where this terminal reversed it", async () => {
    const { terminal } = await suite.withCard();
    const { journal, engine } = terminal.gateway;
    const { id, voucherId } = await terminal.tap(PRICE);
    engine.reverse(id);
    journal.write(() => {
      const voucher = voucherId ?? new Uint8Array(32);
      journal.outcomes.end(voucher, { kind: "released", tx: "0x2", block: 2n }, terminal.now);
      journal.vouchers.follow(voucher, seen("released", "final"), terminal.now);
    });
    expect(await warningsOf(terminal)).toEqual([]);
  });
});
