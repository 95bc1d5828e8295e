import { describe, expect, it } from "@jest/globals";
import type { ChainLog, ChainReceipt } from "@tallystick/evm";
import { ConfigError, type VerifiedReport } from "@tallystick/program";
import { fromHex, toHex } from "@tallystick/protocol";
import { vaultTopics } from "@tallystick/vault";
import { compareWithChain, type ReportChain } from "./compare-with-chain.ts";

const VAULT = `0x${"7a".repeat(20)}`;
const TREASURY = `0x${"0f".repeat(20)}`;
const CARDS = [1, 2, 3].map((digit) => `0x${`0${digit}`.repeat(20)}`);
const TXS = [1, 2, 3].map((digit) => `0x${`a${digit}`.repeat(32)}`);
const FINAL = 100n;
const [FUNDED = new Uint8Array(0)] = vaultTopics(["Funded"]);
const word = (hex: string): Uint8Array => fromHex(`0x${hex.slice(2).padStart(64, "0")}`);

/** A deposit as the vault tells of it. */
function deposit(card: string, units: bigint, change: { vault?: string; from?: string } = {}): ChainLog {
  return {
    address: fromHex(change.vault ?? VAULT),
    topics: [FUNDED, word(card), word(change.from ?? TREASURY)],
    data: word(`0x${units.toString(16)}`),
    ...{ blockNumber: 9n, blockHash: new Uint8Array(32), transactionHash: new Uint8Array(32), logIndex: 0 },
  };
}

interface Mined {
  readonly logs: readonly ChainLog[];
  readonly blockNumber?: bigint;
  readonly succeeded?: boolean;
}

/** A node that has these transactions. */
function node(mined: Readonly<Record<string, Mined>>, change: Partial<ReportChain> = {}): ReportChain {
  const receipt = async (hash: Uint8Array): Promise<ChainReceipt | null> => {
    const found = mined[toHex(hash)];
    if (found === undefined) return await Promise.resolve(null);
    const { blockNumber = FINAL, succeeded = true } = found;
    return { transactionHash: hash, blockHash: hash, blockNumber, succeeded };
  };
  const block = (): ReturnType<ReportChain["block"]> =>
    Promise.resolve({ number: FINAL, hash: new Uint8Array(32), timestamp: 1n, baseFee: 1n } as never);
  const receiptLogs = (hash: Uint8Array) => Promise.resolve(mined[toHex(hash)]?.logs ?? null);
  return { chainId: () => Promise.resolve(31_337n), block, receipt, receiptLogs, ...change };
}

const report = (...deposits: readonly { deposited: string; tx: string | null }[]) =>
  ({
    head: { domain: { chainId: "31337", vault: VAULT }, asset: { code: "USDC", decimals: 6, scale: "1" } },
    cards: deposits.map((each, index) => ({ card: CARDS[index], ...each })),
  }) as unknown as VerifiedReport;
const told = report(
  { deposited: "5.00", tx: TXS[0] ?? "" },
  { deposited: "0.00", tx: null },
  { deposited: "7.00", tx: TXS[2] ?? "" },
);
const right: Readonly<Record<string, Mined>> = {
  [TXS[0] ?? ""]: { logs: [deposit(CARDS[0] ?? "", 5_000_000n), deposit(CARDS[1] ?? "", 1n)] },
  [TXS[2] ?? ""]: { logs: [deposit(CARDS[2] ?? "", 3_000_000n), deposit(CARDS[2] ?? "", 4_000_000n)] },
};

async function faultsOf(chain: ReportChain, of = told): Promise<unknown> {
  try {
    return await compareWithChain(of, { chain, source: "report" });
  } catch (error) {
    if (!(error instanceof ConfigError)) return (error as { code: string }).code;
    return error.faults.map(({ line, path }) => `${line} ${path}`);
  }
}

describe("a report beside the chain", () => {
  it("has each of its deposits in a final block, for its card, and names whose tokens they were", async () => {
    expect(await faultsOf(node(right))).toEqual({ deposits: 2, payers: [TREASURY] });
    const somebody = `0x${"0e".repeat(20)}`;
    const gift = { ...right, [TXS[0] ?? ""]: { logs: [deposit(CARDS[0] ?? "", 5_000_000n, { from: somebody })] } };
    expect(await faultsOf(node(gift))).toEqual({ deposits: 2, payers: [somebody, TREASURY] });
  });

  it.each<[string, Mined | undefined, string]>([
    ["stands in no block", undefined, "2 tx"],
    ["was undone", { logs: [], succeeded: false }, "2 tx"],
    ["is not final", { logs: [deposit(CARDS[0] ?? "", 5_000_000n)], blockNumber: FINAL + 1n }, "2 tx"],
    ["brought less", { logs: [deposit(CARDS[0] ?? "", 4_999_999n)] }, "2 deposited"],
    ["brought more", { logs: [deposit(CARDS[0] ?? "", 5_000_001n)] }, "2 deposited"],
    ["is another card's", { logs: [deposit(CARDS[1] ?? "", 5_000_000n)] }, "2 deposited"],
    ["is another vault's", { logs: [deposit(CARDS[0] ?? "", 5_000_000n, { vault: TREASURY })] }, "2 deposited"],
    ["says nothing", { logs: [] }, "2 deposited"],
  ])("is refused by its line where a transaction %s", async (_what, mined, fault) => {
    const { [TXS[0] ?? ""]: _first, ...others } = right;
    expect(await faultsOf(node(mined === undefined ? others : { ...others, [TXS[0] ?? ""]: mined }))).toEqual([fault]);
  });

  it("is refused where a deposit names no transaction, and by every line at once, in their order", async () => {
    const nameless = report({ deposited: "5.00", tx: null }, { deposited: "1.00", tx: TXS[1] ?? "" });
    expect(await faultsOf(node({}), nameless)).toEqual(["2 tx", "3 tx"]);
  });

  it("is not judged by a node of another chain, nor by one that names no final block", async () => {
    expect(await faultsOf(node(right, { chainId: () => Promise.resolve(1n) }))).toBe("NODE_UNFIT");
    expect(await faultsOf(node(right, { block: () => Promise.resolve(null) }))).toBe("NODE_UNFIT");
  });
});
