import type { RpcQuestion } from "./rpc-fault.ts";

/** Asks the node behind. */
type Ask = (method: string, params: readonly unknown[]) => Promise<unknown>;

/** Methods whose parameter at this place says at which block they are asked. */
const TAG_PLACES: Readonly<Record<string, number>> = {
  eth_call: 1,
  eth_getBalance: 1,
  eth_getTransactionCount: 1,
  eth_estimateGas: 1,
};

/** The answer of a node that has seen everything but the newest blocks. */
export async function laggingAnswer(ask: Ask, { method, params }: RpcQuestion, blocks: number): Promise<unknown> {
  const head = numberOf(await ask("eth_blockNumber", []));
  const seen = head > BigInt(blocks) ? head - BigInt(blocks) : 0n;
  switch (method) {
    case "eth_blockNumber":
      return quantity(seen);
    case "eth_getBlockByNumber":
      return await laggingBlock(ask, params, { blocks: BigInt(blocks), seen });
    case "eth_getLogs":
      return await laggingLogs(ask, params, seen);
    case "eth_getTransactionReceipt":
    case "eth_getTransactionByHash": {
      const found = (await ask(method, params)) as { readonly blockNumber: string | null } | null;
      return found?.blockNumber != null && numberOf(found.blockNumber) > seen ? null : found;
    }
  }
  const place = TAG_PLACES[method];
  if (place === undefined) return await ask(method, params);
  const moved = [...params];
  if (moved[place] === undefined || moved[place] === "latest" || moved[place] === "pending") {
    moved[place] = quantity(seen);
  }
  return await ask(method, moved);
}

async function laggingBlock(
  ask: Ask,
  [tag, whole]: readonly unknown[],
  { blocks, seen }: { readonly blocks: bigint; readonly seen: bigint },
): Promise<unknown> {
  if (tag === "latest" || tag === "pending") return await ask("eth_getBlockByNumber", [quantity(seen), whole]);
  if (tag === "finalized" || tag === "safe") {
    const block = (await ask("eth_getBlockByNumber", [tag, false])) as { readonly number: string } | null;
    if (block === null) return null;
    const final = numberOf(block.number);
    return await ask("eth_getBlockByNumber", [quantity(final > blocks ? final - blocks : 0n), whole]);
  }
  return typeof tag === "string" && tag.startsWith("0x") && numberOf(tag) > seen
    ? null
    : await ask("eth_getBlockByNumber", [tag, whole]);
}

async function laggingLogs(ask: Ask, [filter]: readonly unknown[], seen: bigint): Promise<unknown> {
  const logs = (await ask("eth_getLogs", [filter])) as readonly { readonly blockNumber: string }[];
  return logs.filter(({ blockNumber }) => numberOf(blockNumber) <= seen);
}

function numberOf(value: unknown): bigint {
  return BigInt(String(value));
}

function quantity(value: bigint): string {
  return `0x${value.toString(16)}`;
}
