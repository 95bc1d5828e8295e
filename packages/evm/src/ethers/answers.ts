import { getBytes } from "ethers/utils";
import type { ChainBlock, ChainLog, ChainReceipt, ChainTransaction, TransactionCost } from "../rpc/chain-rpc.ts";
import { RpcError } from "../rpc/rpc-error.ts";

/** An object of an answer, of which every field may be anything. */
type Fields = Readonly<Record<string, unknown>>;

/** Bytes that a node answered, of this length where one is given. Throws RpcError MALFORMED_ANSWER. */
export function answeredBytes(what: string, value: unknown, length?: number): Uint8Array {
  const fits = typeof value === "string" && value.length % 2 === 0 && /^0x[0-9a-f]*$/i.test(value);
  if (!fits) throw malformed(what, value);
  const bytes = getBytes(value);
  if (length !== undefined && bytes.length !== length) throw malformed(what, value);
  return bytes;
}

/** A number that a node answered in hexadecimal, as JSON-RPC writes it; another form is refused. */
export function answeredNumber(what: string, value: unknown): bigint {
  if (typeof value !== "string" || !/^0x[0-9a-f]{1,64}$/i.test(value)) throw malformed(what, value);
  return BigInt(value);
}

export function answeredBlock(what: string, value: unknown): ChainBlock {
  const block = fieldsOf(what, value);
  const { number, hash, timestamp, baseFeePerGas, parentHash, logsBloom, gasLimit } = block;
  return {
    number: answeredNumber(what, number),
    hash: answeredBytes(what, hash, 32),
    timestamp: answeredNumber(what, timestamp),
    baseFee: baseFeePerGas == null ? 0n : answeredNumber(what, baseFeePerGas),
    ...(parentHash == null ? {} : { parentHash: answeredBytes(what, parentHash, 32) }),
    ...(logsBloom == null ? {} : { logsBloom: answeredBytes(what, logsBloom, 256) }),
    ...(gasLimit == null ? {} : { gasLimit: answeredNumber(what, gasLimit) }),
  };
}

export function answeredReceipt(what: string, value: unknown): ChainReceipt {
  const { transactionHash, blockNumber, blockHash, status } = fieldsOf(what, value);
  return {
    transactionHash: answeredBytes(what, transactionHash, 32),
    blockNumber: answeredNumber(what, blockNumber),
    blockHash: answeredBytes(what, blockHash, 32),
    succeeded: answeredNumber(what, status) === 1n,
  };
}

/** What a receipt says of a transaction's cost; rollups name what they ask for its data. */
export function answeredCost(what: string, value: unknown): TransactionCost {
  const { from, gasUsed, effectiveGasPrice, l1Fee, blobGasUsed, blobGasPrice } = fieldsOf(what, value);
  const blobs =
    blobGasUsed == null || blobGasPrice == null
      ? 0n
      : answeredNumber(what, blobGasUsed) * answeredNumber(what, blobGasPrice);
  return {
    ...answeredReceipt(what, value),
    from: answeredBytes(what, from, 20),
    gasUsed: answeredNumber(what, gasUsed),
    gasPriceWei: answeredNumber(what, effectiveGasPrice),
    otherWei: blobs + (l1Fee == null ? 0n : answeredNumber(what, l1Fee)),
  };
}

/** The logs of a receipt. */
export function answeredReceiptLogs(what: string, value: unknown): readonly ChainLog[] {
  return answeredList(what, fieldsOf(what, value)["logs"]).map((log) => answeredLog(what, log));
}

export function answeredTransaction(what: string, value: unknown): ChainTransaction {
  const { from, to, input } = fieldsOf(what, value);
  return {
    from: answeredBytes(what, from, 20),
    to: to == null ? null : answeredBytes(what, to, 20),
    input: answeredBytes(what, input),
  };
}

export function answeredLog(what: string, value: unknown): ChainLog {
  const log = fieldsOf(what, value);
  if (log["removed"] === true) throw new RpcError("CONTRADICTION", `${what}: a log of a block that is gone came.`);
  return {
    address: answeredBytes(what, log["address"], 20),
    topics: answeredList(what, log["topics"]).map((topic) => answeredBytes(what, topic, 32)),
    data: answeredBytes(what, log["data"]),
    blockNumber: answeredNumber(what, log["blockNumber"]),
    blockHash: answeredBytes(what, log["blockHash"], 32),
    transactionHash: answeredBytes(what, log["transactionHash"], 32),
    logIndex: Number(answeredNumber(what, log["logIndex"])),
  };
}

export function answeredList(what: string, value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw malformed(what, value);
  return value;
}

export function fieldsOf(what: string, value: unknown): Fields {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw malformed(what, value);
  return value as Fields;
}

function malformed(what: string, value: unknown): RpcError {
  const came = value === null || value === undefined ? "nothing" : `${typeof value} of another form`;
  return new RpcError("MALFORMED_ANSWER", `${what}: the node answered ${came}. Ask another node.`);
}
