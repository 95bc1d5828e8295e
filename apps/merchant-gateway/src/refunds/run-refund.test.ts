import { afterEach, describe, expect, it } from "@jest/globals";
import { feePolicy } from "@tallystick/evm";
import { toHex } from "@tallystick/protocol";
import { codeOfRejection } from "../../test/harness/codes.ts";
import { QUIET_PRICE, QuietSale } from "../../test/harness/chain/quiet-sale.ts";
import { TerminalSuite } from "../../test/harness/terminal-suite.ts";
import { terminalSigner } from "../../test/harness/test-terminal.ts";
import { cardAddress } from "../keys/card-address.ts";
import { COMMAND_DEADLINE_SECONDS } from "../limits.ts";
import { type RefundCommand, type RefundLine, type RefundEnvironment, runRefund } from "./run-refund.ts";

const suite = new TerminalSuite();
const sales: QuietSale[] = [];
/** More waits than all commands of a test need. */
const MOST_WAITS = 50;

afterEach(() => {
  // Its journal is open again, so that the suite can close it.
  for (const { terminal } of sales.splice(0)) terminal.restart();
  suite.removeAll();
});

/** A terminal that is stopped, and the command at its journal; a block is made whenever it waits. */
async function stopped(prepare: (sale: QuietSale) => Promise<unknown> = () => Promise.resolve()) {
  const sale = await QuietSale.make(suite, {}, { settlementUrl: "https://settlement.example" });
  sales.push(sale);
  await prepare(sale);
  const { voucher, terminal, chain } = sale;
  terminal.gateway.journal.close();
  const lines: RefundLine[] = [];
  let waits = 0;
  const run = async (command: Partial<RefundCommand> = {}, environment: RefundEnvironment = {}): Promise<void> => {
    await runRefund(
      terminal.config,
      {
        ...{ kind: "refund", terminalKey: terminalSigner.publicKey, rpcUrl: "http://127.0.0.1:1", refundId: "r1" },
        ...{ secretKey: new Uint8Array(32).fill(1), voucher: toHex(voucher.id), amount: null, fees: feePolicy() },
        ...command,
      },
      (line) => lines.push(line),
      {
        connect: () => Promise.resolve(chain),
        elapsed: () => 0,
        wait: () => {
          waits += 1;
          if (waits > MOST_WAITS) return Promise.reject(new Error("the command does not end"));
          chain.mine();
          return Promise.resolve();
        },
        ...environment,
      },
    );
  };
  const line = {
    ...{ currency: "USDC", card: toHex(cardAddress(voucher.cardKey)), voucher: toHex(voucher.id), refundId: "r1" },
  };
  return { sale, chain, run, lines, line };
}

const paid = (sale: QuietSale) => sale.pay();

describe("the command that refunds", () => {
  it("gives a paid voucher back, and tells so in one line, each time the same", async () => {
    const { run, lines, line, chain } = await stopped(paid);
    await run();
    const [tx] = chain.sent.slice(-1);
    expect(lines).toEqual([
      {
        ...{ schema: "tallystick.refund/1", event: "refunded", state: "refunding" },
        ...{ tx, block: 2, amount: "4.00", ...line },
      },
    ]);
    await run();
    await run({ amount: "4" });
    expect(lines).toEqual([lines[0], lines[0], lines[0]]);
    expect(chain.returns.map(({ units }) => units)).toEqual([QUIET_PRICE]);
    expect(await codeOfRejection(run({ amount: "3" }))).toBe("REFUND_DIFFERS");
    expect(await codeOfRejection(run({ refundId: "r2", amount: "0.01" }))).toBe("REFUND_ABOVE_PAYMENT");
  });

  it("gives back a part in display units, and then what is left", async () => {
    const { run, lines, chain } = await stopped(paid);
    await run({ amount: "1.50" });
    await run({ refundId: "r2" });
    expect(lines.map(({ amount }) => amount)).toEqual(["1.50", "2.50"]);
    expect(chain.returns.map(({ units }) => units)).toEqual([1_500_000n, 2_500_000n]);
  });

  it("refuses what the chain does not show as paid, and writes nothing", async () => {
    const { run, lines, sale } = await stopped();
    expect(await codeOfRejection(run())).toBe("NOT_PAID_YET");
    sale.terminal.restart();
    expect([sale.refunds(), lines]).toEqual([[], []]);
  });

  it("is refused where the vault refuses, and closes the journal then too", async () => {
    const { run, chain, sale, lines } = await stopped(paid);
    chain.refusals.set("refund", "Paused");
    expect(await codeOfRejection(run())).toBe("REFUND_REFUSED");
    chain.refusals.clear();
    expect(await codeOfRejection(run())).toBe("REFUND_REFUSED");
    await run({ refundId: "r2" });
    expect(lines).toHaveLength(1);
    sale.terminal.restart();
    expect(sale.refunds()).toMatchObject([
      { refundId: "r1", state: "refused", detail: "Paused" },
      { refundId: "r2", state: "refunding", tx: lines[0]?.tx },
    ]);
  });

  it.each([
    ["of no voucher of this journal", { voucher: `0x${"00".repeat(32)}` }],
    ["of a voucher whose currency is not served any more", {}],
  ])("is none %s", async (what, command) => {
    const { run, sale } = await stopped(paid);
    const { served } = sale;
    const { domainBytes } = served;
    if (what.includes("currency")) Object.assign(served, { domainBytes: new Uint8Array(28) });
    expect(await codeOfRejection(run(command))).toBe("VOUCHER_UNKNOWN");
    Object.assign(served, { domainBytes });
  });

  it("is the payee's alone, on the vault's chain", async () => {
    const { run, chain, sale } = await stopped(paid);
    const other = sale.withSigner(new Uint8Array(20).fill(9));
    expect(await codeOfRejection(run({}, { connect: () => Promise.resolve(other) }))).toBe("NOT_PAYEE_KEY");
    chain.chainId = () => Promise.resolve(5n);
    expect(await codeOfRejection(run())).toBe("WRONG_CHAIN");
    expect(chain.calls).toEqual(["settle"]);
  });

  it("ends after its deadline, and the same command continues it", async () => {
    const { run, chain, lines } = await stopped(paid);
    let ms = 0;
    let waits = 0;
    const elapsed = (): number => ms;
    const wait = (): Promise<void> => {
      waits += 1;
      // At the deadline it still goes on; past it, not.
      ms = COMMAND_DEADLINE_SECONDS * 1_000 + (waits > 3 ? 1 : 0);
      return Promise.resolve();
    };
    expect(await codeOfRejection(run({}, { elapsed, wait }))).toBe("REFUND_REFUSED");
    expect([waits, lines, new Set(chain.sent).size]).toEqual([4, [], 2]);
    await run();
    expect(lines).toMatchObject([{ event: "refunded", block: 2 }]);
    expect(chain.returns).toHaveLength(1);
  });
});

describe("the command that releases", () => {
  it("gives back what the chain has not paid, with its reversal, although settlement does not have it", async () => {
    const { run, lines, line, chain, sale } = await stopped();
    await run({ kind: "release" });
    expect(lines).toEqual([
      {
        ...{ schema: "tallystick.release/1", event: "released", state: "releasing" },
        ...{ tx: chain.sent[0], block: 1, amount: "4.00", ...line },
      },
    ]);
    chain.finalize();
    await run({ kind: "release" });
    sale.terminal.restart();
    expect(sale.terminal.gateway.journal.reversals.has(sale.tapId)).toBe(true);
    expect([sale.refunds().length, chain.calls]).toEqual([1, ["release"]]);
  });

  it("takes a reversal that is there, and a refund that is under way by the gateway", async () => {
    const { run, lines, chain } = await stopped(async (sale) => {
      await sale.refund("r1");
    });
    await run({ kind: "release" });
    expect(lines).toMatchObject([{ event: "released", refundId: "r1" }]);
    expect(chain.calls).toEqual(["release"]);
  });

  it("releases what was reversed before", async () => {
    const { run, lines } = await stopped((sale) => {
      sale.terminal.gateway.engine.reverse(sale.tapId);
      return Promise.resolve();
    });
    await run({ kind: "release" });
    expect(lines).toMatchObject([{ event: "released", amount: "4.00" }]);
  });

  it("refuses what is paid, and writes nothing", async () => {
    const { run, sale } = await stopped(paid);
    expect(await codeOfRejection(run({ kind: "release" }))).toBe("ALREADY_PAID");
    sale.terminal.restart();
    expect([sale.refunds(), sale.terminal.gateway.journal.reversals.has(sale.tapId)]).toEqual([[], false]);
  });
});
