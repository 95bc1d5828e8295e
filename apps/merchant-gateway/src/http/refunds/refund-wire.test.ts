import { afterEach, describe, expect, it } from "@jest/globals";
import { QuietSale } from "../../../test/harness/chain/quiet-sale.ts";
import { TerminalSuite } from "../../../test/harness/terminal-suite.ts";
import { viewOf } from "../../taps/tap-result.ts";
import { refundToWire } from "./refund-wire.ts";

const suite = new TerminalSuite();

afterEach(() => {
  suite.removeAll();
});

describe("a refund's receipt", () => {
  /** A refund as it is answered now. */
  function shown(sale: QuietSale, refundId: string) {
    const { gateway } = sale.terminal;
    const tap = gateway.journal.taps.byId(sale.tapId);
    const refund = sale.refundOf(refundId);
    if (tap === null || refund === null) throw new Error("there is no such refund");
    const wire = refundToWire(refund, { tap: viewOf(tap), voucher: sale.voucher }, gateway.policies);
    return { queued: wire.queued, receipt: wire.receipt, state: wire.state, code: wire.code };
  }

  it("says that it is queued until something of it has left the terminal", async () => {
    const sale = await QuietSale.make(suite);
    await sale.refund("r");
    const queued = shown(sale, "r");
    expect(queued).toMatchObject({ queued: true, state: "reversed" });
    sale.take("received");
    await sale.next();
    expect(shown(sale, "r")).toMatchObject({ queued: false });
    expect(shown(sale, "r").receipt).not.toBe(queued.receipt);
  });

  it("says so of a paid one while neither node nor settlement answers", async () => {
    const settlement = { settlementUrl: "http://127.0.0.1:1" };
    const sale = await QuietSale.make(suite, { refundsBy: "delegate", claim: null }, settlement);
    sale.take("final", { reported: "final" });
    await sale.refund("r", 1n);
    expect(shown(sale, "r")).toMatchObject({ queued: true, state: "refunding", code: "WAITING_FOR_SETTLEMENT" });
  });
});
