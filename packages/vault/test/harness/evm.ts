import { readFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { Interface, type InterfaceAbi } from "ethers";
import { fromHex } from "@tallystick/protocol";
import { callRpc } from "@tallystick/stack";
import type { ChainReader, RawLog } from "../../src/index.ts";

const RECEIPT_DEADLINE_MS = 60_000;
const RECEIPT_PAUSE_MS = 2;

interface Artifact {
  readonly abi: InterfaceAbi;
  readonly bytecode: { readonly object: string };
}

/** What a mined transaction did. */
export interface Receipt {
  readonly status: boolean;
  readonly gasUsed: bigint;
  readonly logs: readonly { readonly topics: readonly string[]; readonly data: string; readonly address: string }[];
  readonly contractAddress: string | null;
}

interface RpcReceipt {
  readonly status: string;
  readonly gasUsed: string;
  readonly logs: Receipt["logs"];
  readonly contractAddress: string | null;
}

interface RpcLog {
  readonly blockNumber: string;
  readonly transactionHash: string;
  readonly topics: readonly string[];
  readonly data: string;
}

/** A compiled contract; needs `forge build`. */
export function artifact(name: string): Artifact {
  return JSON.parse(
    readFileSync(new URL(`../../../../contracts/out/${name}.sol/${name}.json`, import.meta.url), "utf8"),
  ) as Artifact;
}

/** A node that mines each transaction at once, driven by plain JSON-RPC. */
export class Evm {
  readonly rpc: string;
  readonly sender: string;

  constructor(rpc: string, sender: string) {
    this.rpc = rpc;
    this.sender = sender;
  }

  async deploy(name: string, ...args: readonly unknown[]): Promise<string> {
    const { abi, bytecode } = artifact(name);
    const receipt = await this.send(null, bytecode.object + new Interface(abi).encodeDeploy(args).slice(2));
    if (receipt.contractAddress === null) throw new Error(`${name} was not deployed`);
    return receipt.contractAddress;
  }

  async send(to: string | null, data: string, from: string = this.sender): Promise<Receipt> {
    const transaction = { from, data, gas: "0x1c9c380", ...(to === null ? {} : { to }) };
    const hash = await callRpc(this.rpc, "eth_sendTransaction", [transaction]);
    const receipt = await this.receipt(hash);
    return { ...receipt, status: receipt.status === "0x1", gasUsed: BigInt(receipt.gasUsed) };
  }

  /** The node mines at once, and shows the receipt a moment later. */
  private async receipt(hash: unknown): Promise<RpcReceipt> {
    const deadline = Date.now() + RECEIPT_DEADLINE_MS;
    while (Date.now() < deadline) {
      const receipt = (await callRpc(this.rpc, "eth_getTransactionReceipt", [hash])) as RpcReceipt | null;
      if (receipt !== null) return receipt;
      await pause(RECEIPT_PAUSE_MS);
    }
    throw new Error(`no receipt of ${String(hash)}`);
  }

  async call(to: string, data: string): Promise<string> {
    return (await callRpc(this.rpc, "eth_call", [{ to, data }, "latest"])) as string;
  }

  /** The newest block's timestamp, seconds. */
  async now(): Promise<bigint> {
    const { timestamp } = (await callRpc(this.rpc, "eth_getBlockByNumber", ["latest", false])) as { timestamp: string };
    return BigInt(timestamp);
  }

  /** The next transaction is mined at this time, which must be later than the newest block's. */
  async nextBlockAt(time: bigint): Promise<void> {
    await callRpc(this.rpc, "evm_setNextBlockTimestamp", [Number(time)]);
  }

  /** The node signs for this account too. */
  async impersonate(account: string): Promise<void> {
    await callRpc(this.rpc, "anvil_impersonateAccount", [account]);
    await callRpc(this.rpc, "anvil_setBalance", [account, "0x56bc75e2d63100000"]);
  }

  /** What a call would revert with at that time, as 0x hex; null where it would not. */
  async revertOf(to: string, data: string, time: bigint): Promise<string | null> {
    const call = [{ from: this.sender, to, data }, "latest", {}, { time: `0x${time.toString(16)}` }];
    const response = await fetch(this.rpc, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "eth_call", params: call }),
    });
    const { error } = (await response.json()) as { error?: { data?: string } };
    return error === undefined ? null : (error.data ?? "0x");
  }

  /** The vault's logs and blocks, as the watcher's port wants them. */
  reader(vault: string): ChainReader {
    const hex = (value: bigint): string => `0x${value.toString(16)}`;
    const block = async (tag: string): Promise<{ number: bigint; hash: string }> => {
      const found = (await callRpc(this.rpc, "eth_getBlockByNumber", [tag, false])) as { number: string; hash: string };
      return { number: BigInt(found.number), hash: found.hash };
    };
    return {
      newest: async (tag) => await block(tag),
      block: async (number) => await block(hex(number)),
      logs: async (from, to) => {
        const logs = (await callRpc(this.rpc, "eth_getLogs", [
          { address: vault, fromBlock: hex(from), toBlock: hex(to) },
        ])) as RpcLog[];
        return logs.map((log): RawLog => ({
          blockNumber: BigInt(log.blockNumber),
          transactionHash: log.transactionHash,
          topics: log.topics.map((topic) => fromHex(topic)),
          data: fromHex(log.data),
        }));
      },
      transactionInput: async (hash) => {
        const found = (await callRpc(this.rpc, "eth_getTransactionByHash", [hash])) as { input: string } | null;
        return found === null ? null : fromHex(found.input);
      },
    };
  }
}
