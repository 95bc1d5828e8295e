import { describe, expect, it } from "@jest/globals";
import { Interface } from "ethers";
import { MAX_REASON } from "../limits.ts";
import { type NodeRefusal, refusalOf } from "./node-refusal.ts";
import { describeRevert, revertReason } from "./revert-reason.ts";

describe("what a node refuses", () => {
  it.each<[string, NodeRefusal, string]>([
    ["geth's text for known bytes", { message: "already known" }, "ALREADY_KNOWN"],
    ["Nethermind's", { message: "AlreadyKnown: known transaction" }, "ALREADY_KNOWN"],
    ["a nonce that is used", { message: "nonce too low: next nonce 5" }, "NONCE_TOO_LOW"],
    ["a replacement", { message: "replacement transaction underpriced" }, "REPLACEMENT_UNDERPRICED"],
    ["too low a fee", { message: "transaction underpriced: tip needed" }, "UNDERPRICED"],
    ["an old base fee", { message: "max fee per gas less than block base fee" }, "UNDERPRICED"],
    ["an empty account", { message: "insufficient funds for gas * price + value" }, "INSUFFICIENT_FUNDS"],
    ["a revert with data", { code: -32_000, message: "execution reverted", data: "0x12345678" }, "REVERTED"],
    ["data one level down", { code: -32_015, message: "VM error: revert", data: { data: "0x" } }, "REVERTED"],
    ["a revert by its code", { code: 3, message: "nonce too low" }, "REVERTED"],
    ["a revert by geth's words", { code: -32_000, message: "execution reverted: rate limit" }, "REVERTED"],
    ["talk of a revert", { code: -32_603, message: "could not read state to revert to" }, "REFUSED"],
    ["geth's gas limit", { message: "gas required exceeds allowance (150000)" }, "GAS_LIMIT"],
    ["a block's gas limit", { message: "exceeds block gas limit" }, "GAS_LIMIT"],
    ["a limit of questions", { code: -32_005, message: "request rate exceeded" }, "RATE_LIMITED"],
    ["the same by code", { code: 429, message: "slow down" }, "RATE_LIMITED"],
    ["the limit of EIP-1474", { code: -32_005, message: "Limit exceeded" }, "RATE_LIMITED"],
    ["anything else", { message: "txpool is full" }, "REFUSED"],
    ["nothing", {}, "REFUSED"],
  ])("has one meaning: %s", (_, refusal, code) => {
    expect(refusalOf("eth_call", refusal).code).toBe(code);
  });

  it.each<[string, NodeRefusal]>([
    ["-32600", { code: -32_600, message: "eth_getLogs is limited to a 10 block range" }],
    ["-32602", { code: -32_602, message: "Invalid params" }],
    ["-32005", { code: -32_005, message: "query returned more than 10000 results" }],
    ["words alone", { code: -32_000, message: "block range is too wide" }],
    ["an answer too large", { code: -32_008, message: "Response is too big" }],
    ["a limit", { code: 35, message: "ranges over 10000 blocks: limit exceeded" }],
  ])("knows a range that is too wide, for logs alone: %s", (_, refusal) => {
    expect(refusalOf("eth_getLogs", refusal).code).toBe("RANGE_TOO_WIDE");
    expect(refusalOf("eth_getBalance", refusal).code).not.toBe("RANGE_TOO_WIDE");
  });

  it("stores and shows nothing that a database refuses", () => {
    const said = `execution reverted: custom error 0x1\u0000\ud800 ${"x".repeat(2_000)}`;
    const { message } = refusalOf("eth_call", { code: 3, message: said });
    expect(message.isWellFormed()).toBe(true);
    expect(message).not.toContain("\u0000");
    expect(message.length).toBeLessThan(600);
  });
});

describe("a contract's reason", () => {
  const errors = new Interface([
    "error Error(string)",
    "error Panic(uint256)",
    "error ERC20InsufficientBalance(address,uint256,uint256)",
    "error EnforcedPause()",
    "error Unknown(uint256)",
  ]);
  const data = (name: string, ...values: unknown[]): string => errors.encodeErrorResult(name, values);
  const account = `0x${"11".repeat(20)}`;

  it.each([
    ["a text", data("Error", "no\u0000 money"), "no  money", "no  money"],
    ["a panic", data("Panic", 0x11n), "Panic(0x11)", "Panic(0x11)"],
    [
      "a token that lacks a balance",
      data("ERC20InsufficientBalance", account, 5n, 7n),
      "ERC20InsufficientBalance",
      `ERC20InsufficientBalance(${account}, 5, 7)`,
    ],
    ["a paused token", data("EnforcedPause"), "EnforcedPause", "EnforcedPause"],
    ["one of nobody's", data("Unknown", 1n), data("Unknown", 1n).slice(0, 10), data("Unknown", 1n).slice(0, 10)],
    ["a known selector without its values", "0x08c379a0", "0x08c379a0", "0x08c379a0"],
    ["no data", "0x", null, null],
    ["none at all", null, null, null],
  ])("is read from %s", (_, bytes, name, whole) => {
    expect([revertReason(bytes), describeRevert(bytes)]).toEqual([name, whole]);
  });

  it("is the vault's own name, and never longer than is kept", () => {
    expect(
      refusalOf("eth_call", { code: 3, message: "execution reverted", data: data("EnforcedPause") }),
    ).toMatchObject({ reason: "EnforcedPause", message: "eth_call: EnforcedPause" });
    expect(revertReason(data("Error", "x".repeat(5_000)))).toHaveLength(MAX_REASON);
  });
});
