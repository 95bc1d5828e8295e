import { afterAll, afterEach, beforeAll, describe, expect, it } from "@jest/globals";
import { addressOfKey, toHex } from "@tallystick/protocol";
import { feePolicy } from "@tallystick/evm";
import type { VaultChain } from "../src/chain/calls/vault-chain.ts";
import { type RefundCommand, type RefundLine, runRefund } from "../src/refunds/run-refund.ts";
import { alteredChain } from "./harness/chain/altered-chain.ts";
import { FUNDED, RefundHarness, type Sale, SALE_PRICE } from "./harness/refund-harness.ts";
import { keyBytes } from "./harness/chain/test-chain.ts";
import { terminalSigner } from "./harness/test-terminal.ts";
import { Killed, codeOfRejection } from "./harness/codes.ts";

let harness: RefundHarness;

beforeAll(async () => {
  harness = await RefundHarness.start();
});
afterEach(() => harness.clear());
afterAll(() => harness.chain.stop());

/**
 * Dies after the n-th call or write and stays dead, as a process that was killed between two of
 * them.
 */
class Mortal {
  steps = 0;
  private readonly fatal: number;
  constructor(fatal: number) {
    this.fatal = fatal;
  }

  step(): void {
    this.steps += 1;
    this.assertAlive();
  }

  assertAlive(): void {
    if (this.fatal > 0 && this.steps >= this.fatal) throw new Killed();
  }

  chain(inner: VaultChain): VaultChain {
    const mortal =
      <A extends unknown[], T>(work: (...values: A) => Promise<T>) =>
      async (...values: A): Promise<T> => {
        this.assertAlive();
        const result = await work(...values);
        this.step();
        return result;
      };
    const { node, signer } = inner;
    return alteredChain(inner, {
      signer: { sign: mortal(signer.sign) },
      node: { sendRaw: mortal(node.sendRaw.bind(node)), receipt: mortal(node.receipt.bind(node)) },
    });
  }
}

/**
 * Gives back with a terminal that dies at a step; then starts it again until the refund is at its
 * end.
 */
async function dieAt(fatal: number, payOut: boolean): Promise<number> {
  const sale = await harness.sell();
  await harness.settle(sale, payOut);
  const { terminal } = sale;
  const mortal = new Mortal(fatal);
  terminal.openVaultChain = async () => mortal.chain(await harness.open(1));
  terminal.restart();
  const { journal } = terminal.gateway;
  const write = journal.write.bind(journal);
  journal.write = <T>(work: () => T): T => {
    mortal.assertAlive();
    const result = write(work);
    mortal.step();
    return result;
  };
  try {
    await harness.refund(sale, "r1", 1_000_000n);
    for (let round = 0; round < 4; round += 1) {
      await harness.chain.finalize();
      await terminal.gateway.refunds.advance();
    }
  } catch (error) {
    expect(error).toBeInstanceOf(Killed);
  }
  terminal.openVaultChain = null;
  terminal.restart();
  await harness.refund(sale, "r1", 1_000_000n);
  expect(await harness.finish(sale, "r1")).toMatchObject({ state: "refunded" });
  expect(await harness.chain.balanceOf(sale.card)).toBe(FUNDED - SALE_PRICE + 1_000_000n);
  return mortal.steps;
}

describe("a terminal that is killed while it returns value", () => {
  it.each([
    ["its earnings", false],
    ["its own account", true],
  ])("returns value once out of %s, wherever it died", async (_, payOut) => {
    const steps = await dieAt(0, payOut);
    expect(steps).toBeGreaterThan(payOut ? 8 : 5);
    for (let fatal = 1; fatal <= steps; fatal += 1) await dieAt(fatal, payOut);
  });
});

describe("the commands of a terminal that is stopped", () => {
  const lineOf = async (sale: Sale, command: Partial<RefundCommand>): Promise<RefundLine | undefined> => {
    const lines: RefundLine[] = [];
    sale.terminal.gateway.journal.close();
    try {
      await runRefund(
        sale.terminal.config,
        {
          kind: "refund",
          terminalKey: terminalSigner.publicKey,
          rpcUrl: harness.chain.anvil.rpc,
          secretKey: keyBytes(harness.chain, 1),
          voucher: toHex(sale.voucherId),
          amount: null,
          refundId: "command",
          fees: feePolicy(),
          ...command,
        },
        (line) => lines.push(line),
      );
    } finally {
      sale.terminal.restart();
    }
    expect(lines).toHaveLength(1);
    return lines[0];
  };

  it("return value once, however often they are called, and print the same line", async () => {
    const sale = await harness.sell();
    await harness.settle(sale, false);
    expect(await codeOfRejection(lineOf(sale, { kind: "release" }))).toBe("ALREADY_PAID");
    expect(await codeOfRejection(lineOf(sale, { secretKey: keyBytes(harness.chain, 2) }))).toBe("NOT_PAYEE_KEY");
    expect(await codeOfRejection(lineOf(sale, { amount: "4.01" }))).toBe("REFUND_ABOVE_PAYMENT");
    const printed = await lineOf(sale, { amount: "1.00" });
    expect(printed).toMatchObject({
      schema: "tallystick.refund/1",
      tx: expect.stringMatching(/^0x[0-9a-f]{64}$/),
      block: expect.any(Number),
      amount: "1.00",
      card: toHex(addressOfKey(sale.card.signer.publicKey)),
      voucher: toHex(sale.voucherId),
    });
    expect(await lineOf(sale, { amount: "1.00" })).toEqual(printed);
    expect(await codeOfRejection(lineOf(sale, { amount: "2.00" }))).toBe("REFUND_DIFFERS");
    expect(await harness.chain.balanceOf(sale.card)).toBe(FUNDED - SALE_PRICE + 1_000_000n);
    expect(await lineOf(sale, { refundId: "rest" })).toMatchObject({ amount: "3.00" });
    expect(await harness.chain.balanceOf(sale.card)).toBe(FUNDED);
  });

  it("release what the chain has not paid, without any settlement", async () => {
    const sale = await harness.sell({}, "http://127.0.0.1:1");
    expect(await codeOfRejection(lineOf(sale, {}))).toBe("NOT_PAID_YET");
    expect(await lineOf(sale, { kind: "release" })).toMatchObject({ schema: "tallystick.release/1", amount: "4.00" });
    expect(sale.terminal.gateway.journal.reversals.has(sale.tapId)).toBe(true);
    await harness.settle(sale, false);
    expect(await harness.chain.owed()).toBe(0n);
    expect(await codeOfRejection(lineOf(sale, { voucher: `0x${"11".repeat(32)}` }))).toBe("VOUCHER_UNKNOWN");
  });
});
