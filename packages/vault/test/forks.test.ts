import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { Interface } from "ethers";
import { fromHex } from "@tallystick/protocol";
import { type Anvil, callRpc, startAnvil } from "@tallystick/stack";
import { artifact, Evm, type Receipt } from "./harness/evm.ts";
import { bytes, type Card, type Item, LoneVault } from "./harness/test-vault.ts";

/** Each fork from Cancun on that this anvil can run. It knows the names of later ones, and ends when asked for them. */
const forks = ["cancun", "prague", "osaka", "bpo1", "bpo2"] as const;
const olderForks = ["shanghai", "paris", "london"] as const;
const vaults = ["ReferenceVault", "PackedVault"] as const;

/** Instructions that came after Byzantium. */
const youngInstructions: Readonly<Record<number, string>> = {
  ...{ 0x1b: "SHL", 0x1c: "SHR", 0x1d: "SAR", 0x3f: "EXTCODEHASH", 0x46: "CHAINID", 0x47: "SELFBALANCE" },
  ...{ 0x48: "BASEFEE", 0x49: "BLOBHASH", 0x4a: "BLOBBASEFEE", 0x5c: "TLOAD", 0x5d: "TSTORE", 0x5e: "MCOPY" },
  ...{ 0x5f: "PUSH0", 0x1e: "CLZ", 0xf5: "CREATE2" },
};
/** Of any call, answers 6: a token's code for chains that do not run the test token. */
const TOKEN_CODE = "0x600660005260206000f3";
const TOKEN = `0x${"70".repeat(20)}`;
const payee = bytes(0x5400a0, 20);

const row = (from: number, count: number): Item[] =>
  Array.from({ length: count }, (_, index) => [from + index, 5] as const);

describe.each(forks)("the packed vault on %s", (fork) => {
  let vault: LoneVault;
  beforeAll(async () => {
    vault = await LoneVault.start(fork);
  }, 60_000);
  afterAll(async () => {
    await vault.stop();
  });

  /** The simulator foretold what came of it, and the estimate is an upper bound here too. */
  async function settle(card: Card, items: readonly Item[]): Promise<readonly string[]> {
    const { used, estimate, outcomes } = await vault.settle([payee], [[card, items]]);
    expect(used).toBeLessThanOrEqual(estimate);
    return outcomes;
  }

  it("settles 1 to 21 vouchers of a card in one payload, and then the 22nd", async () => {
    const card = await vault.openCard();
    expect(await settle(card, row(1, 21))).toEqual(["PAID"]);
    expect(await settle(card, row(22, 1))).toEqual(["PAID"]);
  });

  it("settles any number of vouchers up to 22 and the one after them", async () => {
    for (let count = 1; count <= 22; count += 1) {
      const card = await vault.openCard();
      expect(await settle(card, row(1, count))).toEqual(["PAID"]);
      expect(await settle(card, row(count + 1, 1))).toEqual(["PAID"]);
    }
  }, 60_000);

  it("takes self-claims, one voucher each, past a window", async () => {
    const card = await vault.openCard();
    for (let counter = 1; counter <= 130; counter += 1) expect(await settle(card, row(counter, 1))).toEqual(["PAID"]);
  }, 60_000);

  it("takes spills into gap words and what comes late", async () => {
    const card = await vault.openCard();
    expect(await settle(card, row(1, 21))).toEqual(["PAID"]);
    for (const counter of [200, 400, 800]) expect(await settle(card, row(counter, 1))).toEqual(["PAID"]);
    expect(await settle(card, row(3_000, 1))).toEqual(["ADVANCE_NEEDED"]);
    expect(await settle(card, row(22, 40))).toEqual(["LATE"]);
  });
});

describe("deploying a vault", () => {
  const chains: Anvil[] = [];
  afterAll(async () => {
    for (const chain of chains) await chain.stop();
  });

  /** On a chain of its own. */
  async function deployOn(hardfork: string, vault: string): Promise<{ evm: Evm; receipt: Receipt; creation: string }> {
    const chain = await startAnvil({ blockTimeSeconds: 0, hardfork });
    chains.push(chain);
    const evm = new Evm(chain.rpc, chain.accounts[0]?.address ?? "");
    await callRpc(evm.rpc, "anvil_setCode", [TOKEN, TOKEN_CODE]);
    const { abi, bytecode } = artifact(vault);
    const creation = bytecode.object + new Interface(abi).encodeDeploy([TOKEN, 1n]).slice(2);
    return { evm, creation, receipt: await evm.send(null, creation) };
  }

  it.each(olderForks.flatMap((fork) => vaults.map((vault) => [fork, vault] as const)))(
    "is refused by %s: %s",
    async (fork, vault) => {
      const { evm, receipt } = await deployOn(fork, vault);
      expect(receipt.status).toBe(false);
      expect(await callRpc(evm.rpc, "eth_getCode", [receipt.contractAddress, "latest"])).toBe("0x");
    },
    60_000,
  );

  it.each(vaults)(
    "runs each instruction that %s needs and that came after Byzantium",
    async (vault) => {
      const { evm, receipt, creation } = await deployOn("cancun", vault);
      expect(receipt.status).toBe(true);
      const code = (await callRpc(evm.rpc, "eth_getCode", [receipt.contractAddress, "latest"])) as string;
      const ran = await instructionsOf(evm, creation);
      const needed = youngInstructionsIn(fromHex(code));
      expect(needed).toEqual(expect.arrayContaining(["MCOPY", "TSTORE"]));
      expect(needed.filter((name) => !ran.has(name))).toEqual([]);
    },
    60_000,
  );
});

/** The instructions that a deployment runs. */
async function instructionsOf(evm: Evm, creation: string): Promise<ReadonlySet<string>> {
  const trace = (await callRpc(evm.rpc, "debug_traceCall", [{ from: evm.sender, data: creation }, "latest"])) as {
    readonly structLogs: readonly { readonly op: string }[];
  };
  return new Set(trace.structLogs.map(({ op }) => op));
}

/** The young instructions in a contract's code; behind the code stand data of the compiler, their length last. */
function youngInstructionsIn(code: Uint8Array): string[] {
  const end = code.length - 2 - ((code.at(-2) ?? 0) * 256 + (code.at(-1) ?? 0));
  const found = new Set<string>();
  for (let at = 0; at < end; at += 1) {
    const instruction = code[at] ?? 0;
    const name = youngInstructions[instruction];
    if (name !== undefined) found.add(name);
    // PUSH1 to PUSH32 are followed by what they push.
    if (instruction >= 0x60 && instruction < 0x80) at += instruction - 0x5f;
  }
  return [...found].sort();
}
