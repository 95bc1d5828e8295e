import { describe, expect, it } from "@jest/globals";
import { Interface, type InterfaceAbi } from "ethers";
import { fromHex, toHex } from "@tallystick/protocol";
import {
  advanceCall,
  approveCall,
  balanceOfCall,
  cardCall,
  decodeBalance,
  decodeCardSlot,
  decodeIsUsed,
  decodeMerchantSlot,
  decodeTokenTransfer,
  decodeVaultCall,
  encodeVaultCall,
  fundCall,
  isUsedCall,
  merchantCall,
  openCall,
  proveEquivocationCall,
  refundCall,
  refundedVoucher,
  releaseCall,
  releasedMessage,
  settleCall,
  tokenAbi,
  transferCall,
  transferTopic,
  vaultAbi,
  withdrawCall,
} from "../index.ts";

// The oracle is ethers, which shares no code with the package.
const vault = new Interface(vaultAbi as unknown as InterfaceAbi);
const token = new Interface(tokenAbi as unknown as InterfaceAbi);
const bytes = (length: number, value: number): Uint8Array => new Uint8Array(length).fill(value);
const card = bytes(20, 0xc1);
const merchant = bytes(20, 0x5a);
const r = bytes(32, 0x11);
const s = bytes(32, 0x22);
const marked = Uint8Array.from(s, (byte, index) => (index === 0 ? byte | 0x80 : byte));
const signature = Uint8Array.from([...r, ...s]);
const voucher = (filler: number) => ({ message: bytes(82, filler), signature, parity: 1 as const });
const tuple = (filler: number) => [toHex(bytes(82, filler)), toHex(r), toHex(marked)];

describe("calls of the vault and the token", () => {
  it.each([
    [
      openCall({ card, owner: merchant, signature, parity: 0 }),
      "open",
      [toHex(card), toHex(merchant), toHex(r), toHex(s)],
    ],
    [fundCall({ card, units: (1n << 48n) - 1n }), "fund", [toHex(card), (1n << 48n) - 1n]],
    [settleCall(bytes(67, 7)), "settle", [toHex(bytes(67, 7))]],
    [settleCall(bytes(64, 7)), "settle", [toHex(bytes(64, 7))]],
    [settleCall(new Uint8Array(0)), "settle", ["0x"]],
    [advanceCall(voucher(3), 8), "advance", [...tuple(3), 8]],
    [proveEquivocationCall(voucher(1), voucher(2)), "proveEquivocation", [tuple(1), tuple(2)]],
    [withdrawCall(merchant), "withdraw", [toHex(merchant)]],
    [releaseCall(voucher(9)), "release", tuple(9)],
    [refundCall({ card, units: 5n }), "refund", [toHex(card), 5n]],
    [cardCall(card), "card", [toHex(card)]],
    [merchantCall(merchant), "merchant", [toHex(merchant)]],
    [isUsedCall(card, 0xffff_ffff), "isUsed", [toHex(card), 0xffff_ffff]],
  ] as const)("writes what ethers writes: %#", (call, name, values) => {
    expect(toHex(call)).toBe(vault.encodeFunctionData(name, values as readonly unknown[]));
  });

  it("writes the token's calls", () => {
    expect(toHex(approveCall(merchant))).toBe(
      token.encodeFunctionData("approve", [toHex(merchant), (1n << 256n) - 1n]),
    );
    expect(toHex(transferCall({ to: merchant, baseUnits: 7n }))).toBe(
      token.encodeFunctionData("transfer", [toHex(merchant), 7n]),
    );
    expect(toHex(balanceOfCall(merchant))).toBe(token.encodeFunctionData("balanceOf", [toHex(merchant)]));
  });

  it("reads what ethers wrote as answers", () => {
    const answer = (name: string, values: readonly unknown[]) => fromHex(vault.encodeFunctionResult(name, [...values]));
    expect(decodeCardSlot(answer("card", [9n, 4n, true, toHex(merchant), 3n, 77n]))).toEqual({
      ...{ balance: 9n, paid: 4n, flagged: true, pending: 3n, readyAt: 77n },
      owner: merchant,
    });
    expect(decodeCardSlot(answer("card", [0n, 0n, false, `0x${"00".repeat(20)}`, 0n, 0n]))).toMatchObject({
      owner: null,
      flagged: false,
    });
    expect(decodeMerchantSlot(answer("merchant", [12n, 5n]))).toEqual({ earned: 12n, withdrawn: 5n });
    expect([decodeIsUsed(answer("isUsed", [true])), decodeIsUsed(answer("isUsed", [false]))]).toEqual([true, false]);
    expect(decodeBalance(fromHex(token.encodeFunctionResult("balanceOf", [1n << 200n])))).toBe(1n << 200n);
    expect(() => decodeMerchantSlot(bytes(63, 0))).toThrow(expect.objectContaining({ code: "OUT_OF_RANGE" }));
  });

  it("refuses values that their types cannot hold", () => {
    const codeOf = (work: () => unknown): unknown => {
      try {
        return work();
      } catch (error) {
        return (error as { code?: unknown }).code;
      }
    };
    expect(codeOf(() => isUsedCall(card, 0x1_0000_0000))).toBe("OUT_OF_RANGE");
    expect(codeOf(() => fundCall({ card, units: -1n }))).toBe("OUT_OF_RANGE");
    expect(codeOf(() => withdrawCall(bytes(19, 1)))).toBe("OUT_OF_RANGE");
    expect(codeOf(() => encodeVaultCall("withdraw", [merchant, merchant]))).toBe("OUT_OF_RANGE");
    expect(codeOf(() => refundCall({ card, units: 1n, voucherId: bytes(31, 1) }))).toBe("OUT_OF_RANGE");
  });

  it("names the refunded voucher behind the arguments, where the vault does not look", () => {
    const voucherId = bytes(32, 0xab);
    const call = refundCall({ card, units: 5n, voucherId });
    expect(vault.decodeFunctionData("refund", toHex(call)).toArray()).toEqual([expect.any(String), 5n]);
    expect(refundedVoucher(call)).toEqual(voucherId);
    expect(refundedVoucher(refundCall({ card, units: 5n }))).toBeNull();
    expect(refundedVoucher(Uint8Array.from([...call, 0]))).toBeNull();
    expect(refundedVoucher(fundCall({ card, units: 5n }))).toBeNull();
  });

  it("reads the message that a release gives up, by the payee or by a delegate", () => {
    for (const parity of [0, 1] as const) {
      const given = { message: bytes(82, 3), signature, parity };
      expect(releasedMessage(releaseCall(given))).toEqual(given);
      const marks = [bytes(32, 4), bytes(32, 5), bytes(32, 6)];
      const values = [given.message, r, parity === 1 ? marked : s, bytes(163, 9), ...marks];
      expect(releasedMessage(encodeVaultCall("releaseFor", values))).toEqual(given);
    }
    expect(releasedMessage(fundCall({ card, units: 5n }))).toBeNull();
    expect(releasedMessage(releaseCall(voucher(3)).slice(0, 60))).toBeNull();
    expect(releasedMessage(new Uint8Array(0))).toBeNull();
  });

  it("takes no calldata for a call that it is not, or that ends early", () => {
    const call = settleCall(bytes(67, 7));
    expect(decodeVaultCall("settle", call)?.values["payload"]).toEqual(bytes(67, 7));
    expect(decodeVaultCall("withdraw", call)).toBeNull();
    expect(decodeVaultCall("settle", call.slice(0, 4 + 64 + 66))).toBeNull();
    const far = call.slice();
    far[4] = 0xff;
    expect(decodeVaultCall("settle", far)).toBeNull();
  });
});

describe("decodeTokenTransfer", () => {
  it("reads a transfer, and nothing else of the token", () => {
    const { topics, data } = token.encodeEventLog("Transfer", [toHex(card), toHex(merchant), 42n]);
    const log = { topics: topics.map((topic) => fromHex(topic)), data: fromHex(data) };
    expect(toHex(transferTopic)).toBe(topics[0]);
    expect(decodeTokenTransfer(log)).toEqual({ kind: "transfer", from: card, to: merchant, baseUnits: 42n });
    expect(decodeTokenTransfer({ ...log, topics: [bytes(32, 1), ...log.topics.slice(1)] })).toBeNull();
    expect(decodeTokenTransfer({ ...log, topics: log.topics.slice(0, 2) })).toBeNull();
  });
});
