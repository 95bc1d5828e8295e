import { createHash } from "node:crypto";
import type { BlockTag, ChainBlock, ChainRpc } from "@tallystick/evm";
import { toHex, type Address } from "@tallystick/protocol";
import type { CardSlot } from "@tallystick/vault";
import type { VaultContract } from "../../../src/chain/vault-contract.ts";

const EMPTY: CardSlot = { owner: null, balance: 0n, paid: 0n, flagged: false, pending: 0n, readyAt: 0n };

/** Seconds between two blocks. */
const BLOCK_SECONDS = 10n;

/**
 * A chain on which nothing happens but what a test sets: the blocks, and what the vault shows of a
 * card from a block on. Reads that no test set are faults.
 */
export class StillChain {
  finalized: bigint | null = 10n;
  latest: bigint | null = 12n;
  /** Blocks that the node has lost, or has with another hash. */
  readonly lost = new Set<bigint>();
  readonly other = new Set<bigint>();
  readonly #cards = new Map<string, { readonly from: bigint; readonly slot: CardSlot }[]>();
  /** Seconds of block 0. */
  readonly #start: bigint;

  constructor(start: number) {
    this.#start = BigInt(start);
  }

  /** What the vault shows of a card from a block on; fields that are left out are empty. */
  show(card: Uint8Array, slot: Partial<CardSlot>, from = 0n): void {
    const shown = this.#cards.get(toHex(card)) ?? [];
    this.#cards.set(toHex(card), [...shown, { from, slot: { ...EMPTY, ...slot } }]);
  }

  timeOf(number: bigint): number {
    return Number(this.#start + number * BLOCK_SECONDS);
  }

  hashOf(number: bigint): Uint8Array {
    const name = `${number}${this.other.has(number) ? " another" : ""}`;
    return createHash("sha256").update(name).digest();
  }

  /** The node, of which nothing but its blocks is read here. */
  rpc(): ChainRpc {
    const block = (tag: BlockTag): Promise<ChainBlock | null> => {
      const number = this.#numberOf(tag);
      if (number === null || number > (this.latest ?? -1n) || this.lost.has(number)) return Promise.resolve(null);
      const found = { number, hash: this.hashOf(number), timestamp: BigInt(this.timeOf(number)), baseFee: 1n };
      return Promise.resolve(found);
    };
    return new Proxy({ block } as unknown as ChainRpc, {
      get(target, name) {
        const method: unknown = Reflect.get(target, name);
        if (method === undefined) throw new Error(`No test may read ${String(name)} of the node here.`);
        return method;
      },
    });
  }

  contract(vault: Address, token: Address): VaultContract {
    return {
      vault,
      token,
      card: (card, tag) => {
        const number = this.#numberOf(tag);
        const shown = (this.#cards.get(toHex(card)) ?? []).filter(({ from }) => from <= (number ?? -1n));
        return Promise.resolve(shown.at(-1)?.slot ?? EMPTY);
      },
      merchant: () => Promise.reject(new Error("No test may read a merchant here.")),
      tokenBalance: () => Promise.reject(new Error("No test may read the token here.")),
    };
  }

  #numberOf(tag: BlockTag): bigint | null {
    if (tag === "finalized") return this.finalized;
    return tag === "latest" ? this.latest : tag;
  }
}
