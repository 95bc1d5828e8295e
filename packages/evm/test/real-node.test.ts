import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { fromHex, toHex } from "@tallystick/protocol";
import { type Anvil, callRpc, startAnvil } from "@tallystick/stack";
import { approveCall, decodeTokenTransfer, transferCall, transferTopic, withdrawCall } from "@tallystick/vault";
import { Interface, type InterfaceAbi } from "ethers";
import { createKeySigner, EthersRpc, readTransaction } from "../src/ethers/index.ts";
import {
  type ChainSigner,
  createChainReader,
  createVaultReader,
  RpcError,
  TransactionSender,
  type UnsignedTransaction,
} from "../src/index.ts";
import { type MemoryAction, MemorySenderStore } from "../src/testing/index.ts";

const payee = new Uint8Array(20).fill(7);
/** Nobody waits here for a node that is left alone. */
const clock = { now: () => 0, random: () => 0 };
let anvil: Anvil;
let rpc: EthersRpc;
let signer: ChainSigner;
let token: Uint8Array;
let vault: Uint8Array;

/**
 * Deploys a compiled contract from the node's own account and answers its address; needs `forge
 * build`.
 */
async function deploy(name: string, ...values: readonly unknown[]): Promise<Uint8Array> {
  const file = new URL(`../../../contracts/out/${name}.sol/${name}.json`, import.meta.url);
  const { abi, bytecode } = JSON.parse(readFileSync(file, "utf8")) as {
    readonly abi: InterfaceAbi;
    readonly bytecode: { readonly object: string };
  };
  const data = bytecode.object + new Interface(abi).encodeDeploy(values).slice(2);
  const from = anvil.accounts[1]?.address;
  const hash = await callRpc(anvil.rpc, "eth_sendTransaction", [{ from, data, gas: "0x1c9c380" }]);
  await mine(1);
  for (;;) {
    const receipt = await callRpc(anvil.rpc, "eth_getTransactionReceipt", [hash]);
    if (receipt !== null) return fromHex((receipt as { readonly contractAddress: string }).contractAddress);
  }
}

async function mine(blocks: number): Promise<void> {
  await callRpc(anvil.rpc, "anvil_mine", [`0x${blocks.toString(16)}`]);
}

beforeAll(async () => {
  anvil = await startAnvil({ blockTimeSeconds: 0, slotsInAnEpoch: 1 });
  await callRpc(anvil.rpc, "evm_setAutomine", [false]);
  rpc = new EthersRpc({ url: anvil.rpc, chainId: anvil.chainId, ...clock });
  signer = createKeySigner(fromHex(anvil.accounts[0]?.privateKey, 32));
  token = await deploy("TestDollar");
  vault = await deploy("PackedVault", toHex(token), 1n);
});

afterAll(async () => {
  rpc.close();
  await anvil.stop();
});

async function draft(change: Partial<UnsignedTransaction> = {}): Promise<UnsignedTransaction> {
  return {
    ...{ chainId: 31_337n, nonce: await rpc.transactionCount(signer.address, "latest"), to: token },
    ...{ data: approveCall(vault), gas: 100_000n, maxFee: 10n ** 10n, priorityFee: 10n ** 9n, accessList: [] },
    ...change,
  };
}

/** The code with which the node refuses bytes; null where it takes them. */
async function refusal(transaction: UnsignedTransaction, by: ChainSigner = signer): Promise<string | null> {
  try {
    await rpc.sendRaw((await by.sign(transaction)).raw);
    return null;
  } catch (error) {
    if (error instanceof RpcError) return error.code;
    throw error;
  }
}

describe("a node over JSON-RPC", () => {
  it("shows its chain, its blocks and its accounts", async () => {
    expect(await rpc.chainId()).toBe(31_337n);
    const latest = await rpc.block("latest");
    expect(await rpc.block(latest?.number ?? -1n)).toEqual(latest);
    expect(await rpc.block((latest?.number ?? 0n) + 100n)).toBeNull();
    expect((await rpc.block("finalized"))?.number).toBeLessThan(latest?.number ?? 0n);
    expect(await rpc.balance(signer.address, "latest")).toBeGreaterThan(0n);
    expect(await rpc.priorityFee()).toBeGreaterThanOrEqual(0n);
    expect(await rpc.receipt(new Uint8Array(32).fill(1))).toBeNull();
    expect(await rpc.transaction(new Uint8Array(32).fill(1))).toBeNull();
  });

  it("names a call's revert as the vault does", async () => {
    const call = { from: signer.address, to: vault, data: withdrawCall(payee) };
    await expect(rpc.estimateGas(call)).rejects.toMatchObject({ code: "REVERTED", reason: expect.any(String) });
    await expect(rpc.call({ to: vault, data: fromHex("0xdeadbeef") }, "latest")).rejects.toMatchObject({
      ...{ code: "REVERTED", reason: null },
    });
  });

  it("refuses bytes for reasons that have one name each", async () => {
    const first = await draft();
    expect(await refusal(first)).toBeNull();
    expect(await refusal(first)).toBe("ALREADY_KNOWN");
    expect(await refusal({ ...first, data: approveCall(payee) })).toBe("REPLACEMENT_UNDERPRICED");
    expect(await rpc.transactionCount(signer.address, "pending")).toBe(first.nonce + 1n);
    await mine(1);
    while ((await rpc.transactionCount(signer.address, "latest")) === first.nonce);
    expect(await refusal(first)).toBe("NONCE_TOO_LOW");
    const poor = createKeySigner(new Uint8Array(32).fill(9));
    expect(await refusal({ ...first, nonce: 0n }, poor)).toBe("INSUFFICIENT_FUNDS");
  });

  it("is away where it does not answer or answers nonsense, and its address is not shown", async () => {
    const silent = createServer(() => undefined).listen(0, "127.0.0.1");
    const odd = createServer((_, reply) => reply.end("<html>")).listen(0, "127.0.0.1");
    const portOf = (server: typeof silent): number => (server.address() as AddressInfo).port;
    await new Promise((resolve) => setImmediate(resolve));
    try {
      for (const [port, code] of [
        [9, "UNREACHABLE"],
        [portOf(silent), "UNREACHABLE"],
        [portOf(odd), "FOREIGN_ANSWER"],
      ] as const) {
        const url = `http://127.0.0.1:${port}/v3/secret-of-the-house`;
        const away = new EthersRpc({ url, chainId: 31_337, timeoutMs: 300, ...clock });
        const error = await away.chainId().catch((thrown: unknown) => thrown);
        away.close();
        expect(error).toMatchObject({ code });
        expect(String(error)).not.toContain("secret-of-the-house");
      }
    } finally {
      silent.closeAllConnections();
      silent.close();
      odd.close();
    }
  });
});

describe("a key signer", () => {
  it("writes down what it can read again", async () => {
    const accessList = [{ address: vault, storageKeys: [new Uint8Array(32).fill(4)] }];
    const transaction = await draft({ accessList });
    const { raw, hash } = await signer.sign(transaction);
    expect(readTransaction(raw)).toEqual({ ...transaction });
    expect(hash).toHaveLength(32);
    expect((await signer.sign(transaction)).raw).toEqual(raw);
    expect(signer.address).toEqual(fromHex(anvil.accounts[0]?.address));
  });
});

describe("a sender on a real node", () => {
  it("brings a transfer to its final block, raised once on the way", async () => {
    const mint = new Interface(["function mint(address,uint256)"]).encodeFunctionData("mint", [
      toHex(signer.address),
      5n,
    ]);
    const store = new MemorySenderStore();
    let now = 1_800_000_000_000;
    const policy = { chainId: 31_337n, replaceAfterMs: 1_000, maxFee: 10n ** 12n };
    const sender = new TransactionSender<MemoryAction>({ rpc, signer, store, policy, clock: { now: () => now } });
    /** A node shows a receipt a moment after it has made the block. */
    const until = async (id: string, final: boolean): Promise<void> => {
      for (;;) {
        const outcome = await sender.advance(id);
        if (outcome?.kind === "mined" && outcome.final === final) return;
        if (outcome?.kind !== "waiting" && outcome?.kind !== "mined") throw new Error(`${id} is ${outcome?.kind}`);
      }
    };
    store.plan("mint", { to: token, data: fromHex(mint) });
    store.plan("transfer", { to: token, data: transferCall({ to: payee, baseUnits: 2n }) }, ["mint"]);
    await sender.advance("mint");
    now += 1_000;
    expect(await sender.advance("mint")).toMatchObject({ code: "WAITING_FOR_CHAIN" });
    await mine(1);
    await until("mint", false);
    expect(await sender.advance("transfer")).toMatchObject({ code: "WAITING_FOR_CHAIN" });
    await mine(3);
    for (const id of ["mint", "transfer"]) await until(id, true);
    const [minted, transferred] = store.all();
    expect([minted?.transactions.length, transferred?.transactions.length]).toEqual([2, 1]);

    const view = createVaultReader({ rpc, vault });
    expect([
      await view.tokenBalance(token, payee, "latest"),
      await view.tokenBalance(token, payee, "finalized"),
    ]).toEqual([...[2n, 2n]]);
    const hash = transferred?.transactions[0]?.hash ?? new Uint8Array(32);
    expect(await view.settledBy(hash)).toEqual([]);
    expect((await rpc.transaction(hash))?.input).toEqual(transferred?.call.data);
  });

  it("is refused what its contract refuses, by the contract's own text", async () => {
    const store = new MemorySenderStore();
    const policy = { chainId: 31_337n, replaceAfterMs: 1_000, maxFee: 10n ** 12n };
    const sender = new TransactionSender<MemoryAction>({ rpc, signer, store, policy, clock: { now: () => 0 } });
    const outcome = await sender.begin(store.plan("withdraw", { to: vault, data: withdrawCall(payee) }));
    expect(outcome).toMatchObject({ kind: "refused", code: "SIMULATION" });
    expect(outcome.kind === "refused" && outcome.reason.length > 0).toBe(true);
  });
});

describe("a vault through a node", () => {
  it("shows its token, and nothing where nothing has happened", async () => {
    const view = createVaultReader({ rpc, vault });
    expect(await view.token()).toEqual(token);
    expect(await view.tokenAllowance(token, payee, "latest")).toBe(0n);
    expect((await view.card(payee, "latest")).balance).toBe(0n);
    expect((await view.merchant(payee, "latest")).earned).toBe(0n);
    expect(await view.isUsed(payee, 1, "latest")).toBe(false);
    expect(await view.settledBy(new Uint8Array(32).fill(3))).toEqual([]);
  });

  it("is followed by its logs, each once and in order, whichever filter found it", async () => {
    const from = Buffer.concat([Buffer.alloc(12), signer.address]);
    const to = Buffer.concat([Buffer.alloc(12), payee]);
    const reader = createChainReader(rpc, [
      { address: token, topics: [transferTopic, from] },
      { address: token, topics: [[transferTopic], null, to] },
      { address: vault },
    ]);
    const newest = await reader.newest("latest");
    expect((await reader.newest("finalized")).number).toBeLessThanOrEqual(newest.number);
    expect(await reader.block(newest.number)).toEqual(newest);
    const all = await reader.logs(0n, newest.number);
    expect(await reader.finalLogs?.({ after: null, from: 0n, last: newest })).toEqual(all);
    const transfers = all.filter((log) => log.topics.length === 3);
    expect(transfers.map((log) => decodeTokenTransfer(log)?.baseUnits)).toEqual([2n]);
    const [transfer] = transfers;
    const input = await reader.transactionInput(transfer?.transactionHash ?? "");
    expect(input).toEqual(transferCall({ to: payee, baseUnits: 2n }));
    expect(await reader.transactionInput(`0x${"01".repeat(32)}`)).toBeNull();
  });
});
