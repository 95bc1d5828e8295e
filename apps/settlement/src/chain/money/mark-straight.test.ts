import { describe, expect, it } from "@jest/globals";
import type { ChainEvent, PlacedEvent } from "../vault-chain.ts";
import { markStraight } from "./mark-straight.ts";

const SCALE = 1_000n;
const address = (fill: number) => Buffer.alloc(20, fill);
const [vault, treasury, payee, card] = [address(1), address(2), address(3), address(4)];

function placed(events: readonly ChainEvent[], transaction = "0x01"): readonly PlacedEvent[] {
  return events.map((event, logIndex) => ({
    event,
    log: { logIndex, blockNumber: 5n, transactionHash: transaction } as PlacedEvent["log"],
  }));
}

const transfer = (from: Uint8Array, to: Uint8Array, baseUnits: bigint): ChainEvent => ({
  ...{ kind: "transfer", from, to, baseUnits },
});
const funded = (units: bigint, from = treasury): ChainEvent => ({ kind: "funded", card, units, from }) as ChainEvent;

/** Of each transfer, what is straight; undefined where it has nothing to do with the vault. */
function straightOf(events: readonly PlacedEvent[]): readonly (bigint | undefined)[] {
  return markStraight(events, { vault, scale: SCALE })
    .filter(({ event }) => event.kind === "transfer")
    .map(({ straight }) => straight);
}

describe("tokens that are sent straight to the vault", () => {
  it("are what no event of the vault in their transaction explains", () => {
    expect(straightOf(placed([transfer(treasury, vault, 5_000n), funded(5n)]))).toEqual([0n]);
    expect(straightOf(placed([transfer(treasury, vault, 5_000n)]))).toEqual([5_000n]);
    expect(straightOf(placed([transfer(treasury, vault, 5_000n), funded(2n)]))).toEqual([3_000n]);
  });

  it("are counted once, whatever stands beside them in one transaction", () => {
    const both = [transfer(treasury, vault, 1_500n), transfer(treasury, vault, 5_000n), funded(5n)];
    expect(straightOf(placed(both)).reduce<bigint>((sum, each) => sum + (each ?? 0n), 0n)).toBe(1_500n);
  });

  it("are not explained by a deposit of another account or in another transaction", () => {
    expect(straightOf(placed([transfer(treasury, vault, 5_000n), funded(5n, payee)]))).toEqual([5_000n]);
    const apart = [...placed([transfer(treasury, vault, 5_000n)]), ...placed([funded(5n)], "0x02")];
    expect(straightOf(apart)).toEqual([5_000n]);
  });

  it("are no refund out of tokens, no payout and no withdrawal of a card", () => {
    const refunded = {
      kind: "refunded",
      merchant: payee,
      card,
      units: 7n,
      fromEarnings: 3n,
      voucherId: null,
    } as ChainEvent;
    expect(straightOf(placed([transfer(payee, vault, 4_000n), refunded]))).toEqual([0n]);
    const withdrawn = { kind: "withdrawn", merchant: payee, to: treasury, units: 4n } as ChainEvent;
    expect(straightOf(placed([transfer(vault, treasury, 4_000n), withdrawn]))).toEqual([0n]);
    const taken = { kind: "cardWithdrawn", card, owner: treasury, units: 4n } as ChainEvent;
    expect(straightOf(placed([transfer(vault, treasury, 4_000n), taken]))).toEqual([0n]);
  });

  it("are none between other accounts", () => {
    expect(straightOf(placed([transfer(treasury, payee, 4_000n)]))).toEqual([undefined]);
    expect(straightOf(placed([transfer(vault, vault, 4_000n)]))).toEqual([undefined]);
  });
});
