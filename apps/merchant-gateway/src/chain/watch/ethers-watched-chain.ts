import { fromHex, toHex } from "@tallystick/protocol";
import { cardCall, decodeCardSlot, vaultAbi } from "@tallystick/vault";
import { type Block, Interface, JsonRpcProvider, toQuantity } from "ethers";
import { ChainError } from "../chain-error.ts";
import { SETTLEMENT_TIMEOUT_MS } from "../../limits.ts";
import { watchedEvents } from "./chain-events.ts";
import type { TimedBlock, WatchedChain } from "./watched-chain.ts";

const vaultInterface = new Interface(vaultAbi);
const topics = watchedEvents.map((name) => {
  const event = vaultInterface.getEvent(name);
  if (event === null) throw new Error(`the vault's interface has no event ${name}`);
  return event.topicHash;
});

/** The chain over JSON-RPC, reading only. */
export function createEthersWatchedChain(options: { readonly rpc: string; readonly vault: Uint8Array }): WatchedChain {
  const provider = new JsonRpcProvider(options.rpc, undefined, { staticNetwork: true, cacheTimeout: -1 });
  const vault = toHex(options.vault);
  return {
    chainId: async () => await guarded(async () => (await provider.getNetwork()).chainId),
    newest: async (tag) => {
      const block = await guarded(() => provider.getBlock(tag));
      if (block === null) throw new ChainError("RPC_UNREACHABLE", `The node shows no ${tag} block.`);
      return timed(block);
    },
    block: async (number) => {
      const block = await guarded(() => provider.getBlock(toQuantity(number)));
      return block === null ? null : timed(block);
    },
    logs: async (from, to) => {
      const logs = await guarded(() =>
        provider.getLogs({ address: vault, topics: [topics], fromBlock: toQuantity(from), toBlock: toQuantity(to) }),
      );
      return logs.map((log) => ({
        blockNumber: BigInt(log.blockNumber),
        transactionHash: log.transactionHash,
        topics: log.topics.map((topic) => fromHex(topic.toLowerCase())),
        data: fromHex(log.data.toLowerCase()),
      }));
    },
    // None of the events that are read keeps anything in its transaction.
    transactionInput: () => Promise.resolve(null),
    card: async (card, tag) =>
      await guarded(async () => {
        const answer = await provider.call({ to: vault, data: toHex(cardCall(card)), blockTag: tag });
        return decodeCardSlot(fromHex(answer.toLowerCase()));
      }),
    close: () => {
      provider.destroy();
    },
  };
}

function timed({ number, hash, timestamp }: Block): TimedBlock {
  return { number: BigInt(number), hash: hash ?? "", timestamp };
}

/** A silent node counts as away: a terminal must not wait for it without an end. */
async function guarded<T>(work: () => Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new Error("it is silent"));
    }, SETTLEMENT_TIMEOUT_MS);
  });
  try {
    return await Promise.race([work(), late]);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ChainError("RPC_UNREACHABLE", `The chain's node did not answer: ${reason}`);
  } finally {
    clearTimeout(timer);
  }
}
