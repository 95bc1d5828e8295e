import { describe, expect, it } from "@jest/globals";
import { gasToBuy, RpcError } from "@tallystick/evm";
import { COIN_RESERVE, COIN_WORTH } from "./limits.ts";
import { coinToSend } from "./sweeps.ts";

const accounts = { from: new Uint8Array(20).fill(1), to: new Uint8Array(20).fill(2) };
/** Wei a gas: twice the base fee and the tip. */
const OFFER = 2n * 100n + 10n;
const kept = (gasToBuy(21_000n) ?? 0n) * OFFER * COIN_RESERVE;

function node(held: bigint, estimate: () => Promise<bigint> = () => Promise.resolve(21_000n)) {
  const block = { number: 1n, hash: new Uint8Array(32), timestamp: 0n, baseFee: 100n, gasLimit: 30_000_000n };
  return {
    balance: () => Promise.resolve(held),
    block: () => Promise.resolve(block),
    priorityFee: () => Promise.resolve(10n),
    estimateGas: estimate,
  };
}

describe("the coin that a former account sends over", () => {
  const policy = { maxFee: 10_000n };

  it("is all but what a dearer replacement may cost, where it is worth sending", async () => {
    const least = kept * COIN_WORTH;
    expect(await coinToSend(node(least), accounts, policy)).toBe(0n);
    expect(await coinToSend(node(least + 1n), accounts, policy)).toBe(least + 1n - kept);
    expect(await coinToSend(node(0n), accounts, policy)).toBe(0n);
  });

  it("is none where the account cannot pay, or fees are above what is ever offered", async () => {
    const poor = node(5n, () => Promise.reject(new RpcError("INSUFFICIENT_FUNDS", "insufficient funds")));
    expect(await coinToSend(poor, accounts, policy)).toBe(0n);
    expect(await coinToSend(node(10n ** 18n), accounts, { maxFee: 109n })).toBe(0n);
    const away = node(5n, () => Promise.reject(new RpcError("UNREACHABLE", "The node is away.")));
    await expect(coinToSend(away, accounts, policy)).rejects.toMatchObject({ code: "UNREACHABLE" });
  });
});
