import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { Interface } from "ethers";
import secp256k1 from "secp256k1";
import {
  addressOfKey,
  concatBytes,
  digestOf,
  type Domain,
  encodeDomain,
  fromHex,
  parseAddress,
  toHex,
} from "@tallystick/protocol";
import { type Anvil, startAnvil } from "@tallystick/stack";
import {
  estimateSettleGas,
  type RecoverSigner,
  simulateSettle,
  type SimulatedSettlement,
  VaultState,
  VaultWatcher,
} from "../src/index.ts";
import { artifact, Evm } from "./evm.ts";

/** More in the long runs. */
const BATCHES = Number(process.env["TALLYSTICK_DIFFERENTIAL_BATCHES"] ?? 500);
/** A batch is simulated and settled twice, in tens of milliseconds on an idle machine. */
const BATCH_TIMEOUT_MS = 1_000;
const CARDS = 4;
/** The reference takes any counter at once: so many gap words stand for no bound among the counters drawn here. */
const ANY_GAP_WORDS = 64;
const vaultInterface = new Interface(artifact("IVault").abi);
const tokenInterface = new Interface(artifact("TestDollar").abi);

interface Card {
  readonly key: Uint8Array;
  readonly address: Uint8Array;
}

interface Drawn {
  readonly card: Card;
  readonly payee: Uint8Array;
  readonly items: readonly { readonly counter: number; readonly amount: bigint; readonly damage: number }[];
}

/** One of the two vaults with the state that the simulator thinks it has. */
interface Side {
  readonly address: string;
  readonly domain: Domain;
  readonly gapWords: number;
  state: VaultState;
}

/** A small generator with a seed, so that a failure can be repeated (mulberry32). */
function chance(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

const seed = 20_261_121;
const draw = chance(seed);
const bytes = (value: number | bigint, length: number): Uint8Array =>
  fromHex(`0x${value.toString(16).padStart(2 * length, "0")}`);
const shops = [1, 2, 3].map((index) => bytes(0x5400a0 + index, 20));

const recover: RecoverSigner = (digest, { r, s, parity }) => {
  try {
    return addressOfKey(secp256k1.ecdsaRecover(concatBytes(r, s), parity, digest, true));
  } catch {
    return null;
  }
};

function sign(card: Card, message: Uint8Array): { r: Uint8Array; vs: Uint8Array } {
  const { signature, recid } = secp256k1.ecdsaSign(digestOf(message), card.key);
  const vs = signature.slice(32);
  vs[0] = (vs[0] ?? 0) | (recid << 7);
  return { r: signature.slice(0, 32), vs };
}

const context = (counter: number): Uint8Array => bytes(counter, 20);

function messageOf(side: Side, payee: Uint8Array, counter: number, amount: bigint): Uint8Array {
  return concatBytes(
    new TextEncoder().encode("TLY1"),
    encodeDomain(side.domain),
    payee,
    bytes(counter, 4),
    bytes(amount, 6),
    context(counter),
  );
}

function itemBytes(side: Side, drawn: Drawn, index: number): Uint8Array {
  const { counter, amount, damage } = drawn.items[index] as Drawn["items"][number];
  const { r, vs } = sign(drawn.card, messageOf(side, drawn.payee, counter, amount));
  const made = concatBytes(bytes(counter, 4), bytes(amount, 6), context(counter), r, vs);
  if (damage === 1) made[93] = (made[93] ?? 0) ^ 1;
  if (damage === 2) made[62] = (made[62] ?? 0) ^ 0x80;
  if (damage === 3) made[9] = (made[9] ?? 0) ^ 1;
  if (damage === 4) made.fill(0xff, 30, 62);
  if (damage === 5) made.fill(0, 62, 94);
  return made;
}

function payloadOf(side: Side, groups: readonly Drawn[], zeroPayee: boolean): Uint8Array {
  const payees = [...shops, ...(zeroPayee ? [new Uint8Array(20)] : [])];
  const parts = groups.map((drawn) => {
    const index = payees.findIndex((payee) => toHex(payee) === toHex(drawn.payee));
    const items = drawn.items.map((_, place) => itemBytes(side, drawn, place));
    return concatBytes(bytes(index, 2), drawn.card.address, bytes(items.length, 2), ...items);
  });
  return concatBytes(new Uint8Array(64), bytes(payees.length, 2), ...payees, ...parts);
}

/** Mostly the next counters of a young card; else the ends of windows and words, and jumps. */
function drawCounter(): number {
  const kind = draw(10);
  if (kind < 4) return draw(40);
  if (kind < 6) return 100 + draw(60);
  if (kind < 8) return 240 + draw(40);
  return 300 + draw(3_000);
}

function drawGroups(cards: readonly Card[], zeroPayee: boolean): Drawn[] {
  return Array.from({ length: 1 + draw(4) }, () => ({
    card: cards[draw(CARDS)] as Card,
    payee: zeroPayee && draw(2) === 0 ? new Uint8Array(20) : (shops[draw(3)] as Uint8Array),
    items: Array.from({ length: 1 + draw(6) }, () => ({
      counter: drawCounter(),
      amount: BigInt(draw(12) === 0 ? 0 : draw(400)),
      damage: draw(5) === 0 ? 1 + draw(5) : 0,
    })),
  }));
}

describe("reference vault, packed vault and simulator", () => {
  let anvil: Anvil;
  let evm: Evm;
  let plain: Side;
  let packed: Side;
  const cards: Card[] = [];

  async function execute(side: Side, name: string, args: readonly unknown[], from?: string): Promise<boolean> {
    const receipt = await evm.send(side.address, vaultInterface.encodeFunctionData(name, args), from);
    return receipt.status;
  }

  beforeAll(async () => {
    anvil = await startAnvil({ blockTimeSeconds: 0 });
    evm = new Evm(anvil.rpc, anvil.accounts[0]?.address ?? "");
    const token = await evm.deploy("TestDollar");
    await evm.send(token, tokenInterface.encodeFunctionData("mint", [evm.sender, 10n ** 15n]));
    const makeSide = async (name: string, gapWords: number): Promise<Side> => {
      const address = await evm.deploy(name, token, 1n);
      await evm.send(token, tokenInterface.encodeFunctionData("approve", [address, 10n ** 15n]));
      return {
        address,
        gapWords,
        domain: { chainId: BigInt(anvil.chainId), vault: parseAddress(address) },
        state: new VaultState(),
      };
    };
    plain = await makeSide("ReferenceVault", ANY_GAP_WORDS);
    packed = await makeSide("PackedVault", 2);
    for (let index = 0; index < CARDS; index += 1) {
      const key = bytes(0xca4d00 + index, 32);
      const card = { key, address: addressOfKey(secp256k1.publicKeyCreate(key, true)) };
      cards.push(card);
      for (const side of [plain, packed]) {
        const opening = concatBytes(
          new TextEncoder().encode("TLYO"),
          encodeDomain(side.domain),
          fromHex(evm.sender.toLowerCase()),
        );
        const { r, vs } = sign(card, opening);
        expect(await execute(side, "open", [toHex(card.address), evm.sender, toHex(r), toHex(vs)])).toBe(true);
        side.state.apply({ kind: "opened", card: card.address, owner: fromHex(evm.sender.toLowerCase()) });
      }
    }
  });

  afterAll(async () => {
    await anvil.stop();
  });

  async function fund(card: Card, units: bigint): Promise<void> {
    for (const side of [plain, packed]) {
      expect(await execute(side, "fund", [toHex(card.address), units])).toBe(true);
      side.state.apply({ kind: "funded", card: card.address, from: fromHex(evm.sender.toLowerCase()), units });
    }
  }

  /** Advances the packed vault for each item that is skipped for it, one after another, as its submitter would. */
  async function advanceWhereNeeded(groups: readonly Drawn[], payload: Uint8Array): Promise<SimulatedSettlement> {
    for (;;) {
      const simulated = simulateSettle({ ...packed, payload, recover });
      const needing = simulated.items.find(({ skipped }) => skipped === "ADVANCE_NEEDED");
      if (needing === undefined) return simulated;
      const { item } = needing;
      const card = cards.find(({ address }) => toHex(address) === toHex(item.card)) as Card;
      const message = messageOf(packed, item.payee, item.counter, item.amount);
      const { r, vs } = sign(card, message);
      expect(await execute(packed, "advance", [toHex(message), toHex(r), toHex(vs), 64n])).toBe(true);
      packed.state.apply({ kind: "advanced", card: item.card, base: item.counter - 120 });
      expect(groups.length).toBeGreaterThan(0);
    }
  }

  async function settleOn(side: Side, payload: Uint8Array, simulated: SimulatedSettlement): Promise<bigint> {
    const receipt = await evm.send(side.address, vaultInterface.encodeFunctionData("settle", [payload]));
    const log = vaultInterface.parseLog(receipt.logs[0] as { topics: string[]; data: string });
    expect(log?.args["result"]).toBe(toHex(simulated.result));
    return receipt.gasUsed;
  }

  it(
    `agree on ${BATCHES} batches, and the gas estimate holds (seed ${seed})`,
    async () => {
      const skips = new Set<string>();
      let [estimated, used] = [0n, 0n];
      for (let batch = 0; batch < BATCHES; batch += 1) {
        if (draw(3) === 0) await fund(cards[draw(CARDS)] as Card, BigInt(1 + draw(4_000)));
        const zeroPayee = draw(10) === 0;
        const groups = drawGroups(cards, zeroPayee);
        const packedPayload = payloadOf(packed, groups, zeroPayee);
        const plainPayload = payloadOf(plain, groups, zeroPayee);
        const onPacked = await advanceWhereNeeded(groups, packedPayload);
        const onPlain = simulateSettle({ ...plain, payload: plainPayload, recover, gapWordsAnItem: plain.gapWords });
        expect(onPacked.items.map(({ skipped }) => skipped)).toEqual(onPlain.items.map(({ skipped }) => skipped));
        for (const { skipped } of onPacked.items) skips.add(skipped ?? "PAID");
        await settleOn(plain, plainPayload, onPlain);
        const gasUsed = await settleOn(packed, packedPayload, onPacked);
        const estimate = estimateSettleGas(packedPayload, onPacked, packed.state);
        expect(estimate).toBeGreaterThanOrEqual(gasUsed);
        [estimated, used] = [estimated + estimate, used + gasUsed];
        packed.state = VaultState.restore(onPacked.after.save());
        plain.state = VaultState.restore(onPlain.after.save());
      }
      // The estimate is near enough to choose a batch's size with.
      expect(Number(estimated) / Number(used)).toBeLessThan(1.35);
      // Every reason but the one that `advance` removes and the one that needs 2⁴⁸ units came up.
      expect([...skips].sort()).toEqual([
        "BALANCE_TOO_LOW",
        "COUNTER_USED",
        "PAID",
        "WRONG_SIGNATURE",
        "ZERO_AMOUNT",
        "ZERO_COUNTER",
        "ZERO_PAYEE",
      ]);
    },
    60_000 + BATCHES * BATCH_TIMEOUT_MS,
  );

  it(
    "stand in the chain as the watcher rebuilds them and as the contracts answer",
    async () => {
      for (const side of [plain, packed]) {
        const { latest } = await new VaultWatcher({ chain: evm.reader(side.address), startBlock: 0n }).pass();
        const sorted = (state: VaultState): unknown => {
          const { cards: saved, merchants } = state.save();
          return { cards: [...saved].sort(), merchants: [...merchants].sort() };
        };
        expect(sorted(latest)).toEqual(sorted(side.state));
        for (const { address } of cards) {
          const answer = vaultInterface.decodeFunctionResult(
            "card",
            await evm.call(side.address, vaultInterface.encodeFunctionData("card", [toHex(address)])),
          );
          const { balance, paid, flagged } = latest.card(address) ?? { balance: -1n, paid: -1n, flagged: true };
          expect([answer[0], answer[1], answer[2]]).toEqual([balance, paid, flagged]);
          for (let counter = 1; counter < 3_300; counter += 97) {
            const used = await evm.call(
              side.address,
              vaultInterface.encodeFunctionData("isUsed", [toHex(address), counter]),
            );
            expect(BigInt(used) === 1n).toBe(latest.card(address)?.counters.isUsed(counter));
          }
        }
      }
    },
    120_000 + BATCHES * BATCH_TIMEOUT_MS,
  );
});
