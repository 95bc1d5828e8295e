import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { Interface } from "ethers";
import { fromHex, parseAddress, toHex } from "@tallystick/protocol";
import { type Anvil, startAnvil } from "@tallystick/stack";
import { estimateSettleGas, simulateSettle, type SimulatedSettlement, VaultState, VaultWatcher } from "../src/index.ts";
import { chance, type Draw } from "./harness/chance.ts";
import { DelegateActions, type Side, type TestVoucher } from "./harness/delegate-actions.ts";
import { artifact, Evm } from "./harness/evm.ts";
import {
  bytes,
  type Card,
  type Drawn,
  messageOf,
  openingOf,
  payloadOf,
  recover,
  sign,
  testCard,
} from "./harness/test-vault.ts";

/** More in the long runs. */
const BATCHES = Number(process.env["TALLYSTICK_DIFFERENTIAL_BATCHES"] ?? 500);
/** Each chain has so many batches: what a node keeps of all its blocks makes it ever slower. */
const CHAIN_BATCHES = 500;
/** A batch is simulated and settled twice, in tens of milliseconds on an idle machine. */
const BATCH_TIMEOUT_MS = 1_000;
const CARDS = 4;
/** After so many batches a new card takes the place of one. */
const CARD_LIFE_BATCHES = 100;
/** Vouchers that may still be given back. */
const PAID_KEPT = 60;
/** The reference takes any counter at once: so many gap words stand for no bound among the counters drawn here. */
const ANY_GAP_WORDS = 64;
const vaultInterface = new Interface(artifact("IVault").abi);
const tokenInterface = new Interface(artifact("TestDollar").abi);

/** Given to repeat a run, or to make another one; the name of the test shows it. */
const SEED = Number(process.env["TALLYSTICK_DIFFERENTIAL_SEED"] ?? 20_261_121);
/** Each chain by itself: the one of a seed is the first of that seed again. */
const chains = Array.from({ length: Math.ceil(BATCHES / CHAIN_BATCHES) }, (_, index) => ({
  seed: SEED + index,
  batches: Math.min(CHAIN_BATCHES, BATCHES - index * CHAIN_BATCHES),
}));
const shops = [1, 2, 3].map((index) => bytes(0x5400a0 + index, 20));

/** Mostly the next counters of a young card; else the ends of windows and words, and jumps. */
function drawCounter(draw: Draw): number {
  const kind = draw(10);
  if (kind < 4) return draw(40);
  if (kind < 6) return 100 + draw(60);
  if (kind < 8) return 240 + draw(40);
  return 300 + draw(3_000);
}

function drawGroups(draw: Draw, cards: readonly Card[], zeroPayee: boolean): Drawn[] {
  return Array.from({ length: 1 + draw(4) }, () => ({
    card: cards[draw(CARDS)] as Card,
    payee: zeroPayee && draw(2) === 0 ? new Uint8Array(20) : (shops[draw(3)] as Uint8Array),
    items: Array.from({ length: 1 + draw(6) }, () => ({
      counter: drawCounter(draw),
      amount: BigInt(draw(12) === 0 ? 0 : draw(400)),
      damage: draw(5) === 0 ? 1 + draw(5) : 0,
    })),
  }));
}

describe.each(chains)("reference vault, packed vault and simulator (seed $seed)", ({ seed, batches }) => {
  const draw = chance(seed);
  let anvil: Anvil;
  let evm: Evm;
  let plain: Side;
  let packed: Side;
  let delegates: DelegateActions;
  /** What both vaults paid; the youngest are given back. */
  const paid: TestVoucher[] = [];
  let secret = 0xca4d00;
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
    for (let index = 0; index < CARDS; index += 1) cards.push(await openCard());
    delegates = new DelegateActions({ evm, sides: [plain, packed], payees: shops, draw });
    await delegates.start();
  });

  afterAll(async () => {
    await anvil.stop();
  });

  /** A card that neither vault knew. */
  async function openCard(): Promise<Card> {
    const card = testCard(secret);
    secret += 1;
    for (const side of [plain, packed]) {
      const { r, vs } = sign(card, openingOf(side.domain, evm.sender));
      expect(await execute(side, "open", [toHex(card.address), evm.sender, toHex(r), toHex(vs)])).toBe(true);
      side.state.apply({ kind: "opened", card: card.address, owner: fromHex(evm.sender.toLowerCase()) });
    }
    return card;
  }

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
      await advanceTo({ ...item, card });
      expect(groups.length).toBeGreaterThan(0);
    }
  }

  /** Advances the packed vault to a voucher's counter where it lies too far ahead. */
  async function advanceTo(voucher: TestVoucher): Promise<void> {
    const { card, counter } = voucher;
    if ((packed.state.card(card.address)?.counters.gapWords(counter) ?? 0) <= packed.gapWords) return;
    const message = messageOf(packed.domain, voucher);
    const { r, vs } = sign(card, message);
    expect(await execute(packed, "advance", [toHex(message), toHex(r), toHex(vs), 64n])).toBe(true);
    packed.state.apply({ kind: "advanced", card: card.address, base: counter - 120 });
  }

  /** Keeps what was paid, as far as a payee may give it back. */
  function keepPaid({ items }: SimulatedSettlement): void {
    for (const { item, skipped } of items) {
      const card = cards.find(({ address }) => toHex(address) === toHex(item.card));
      if (skipped !== null || card === undefined) continue;
      paid.push({ card, payee: item.payee, counter: item.counter, amount: item.amount });
    }
    paid.splice(0, paid.length - PAID_KEPT);
  }

  /** A voucher that was paid, mostly, or any other. */
  function drawVoucher(ofPaid: boolean): TestVoucher {
    const drawn = { card: cards[draw(CARDS)] as Card, payee: shops[draw(3)] as Uint8Array };
    const kept = ofPaid && paid.length > 0 && draw(6) > 0 ? paid[draw(paid.length)] : undefined;
    return kept ?? { ...drawn, counter: drawCounter(draw), amount: BigInt(1 + draw(300)) };
  }

  /** One thing that merchants or their delegates do; answers what came of an order. */
  async function actOfDelegates(): Promise<string | null> {
    const kind = draw(6);
    if (kind === 0) await delegates.manage();
    if (kind === 0) return null;
    const voucher = drawVoucher(kind < 4);
    if (kind < 4) return `refund ${await delegates.refund(voucher)}`;
    await advanceTo(voucher);
    return `release ${await delegates.reverse(voucher)}`;
  }

  async function settleOn(side: Side, payload: Uint8Array, simulated: SimulatedSettlement): Promise<bigint> {
    const receipt = await evm.send(side.address, vaultInterface.encodeFunctionData("settle", [payload]));
    const log = vaultInterface.parseLog(receipt.logs[0] ?? { topics: [], data: "0x" });
    expect(log?.args["result"]).toBe(toHex(simulated.result));
    return receipt.gasUsed;
  }

  it(
    `agree on ${batches} batches, and the gas estimate holds`,
    async () => {
      const [skips, orders] = [new Set<string>(), new Set<string>()];
      let [estimated, used] = [0n, 0n];
      for (let batch = 0; batch < batches; batch += 1) {
        // Of a card's counters ever fewer are left.
        if (batch % CARD_LIFE_BATCHES === CARD_LIFE_BATCHES - 1) cards[draw(CARDS)] = await openCard();
        if (draw(3) === 0) await fund(cards[draw(CARDS)] as Card, BigInt(1 + draw(4_000)));
        const zeroPayee = draw(10) === 0;
        const groups = drawGroups(draw, cards, zeroPayee);
        const payees = [...shops, ...(zeroPayee ? [new Uint8Array(20)] : [])];
        const packedPayload = payloadOf(packed.domain, payees, groups);
        const plainPayload = payloadOf(plain.domain, payees, groups);
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
        keepPaid(onPacked);
        if (draw(2) === 0) orders.add((await actOfDelegates()) ?? "none");
      }
      // The estimate is near enough to choose a batch's size with.
      expect(Number(estimated) / Number(used)).toBeLessThan(1.1);
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
      expect([...orders]).toEqual(
        expect.arrayContaining(["refund RETURNED", "release RETURNED", "release COUNTER_USED"]),
      );
      for (const refusal of ["EXPIRED", "MORE_THAN_PAID", "ALREADY_RETURNED", "NOT_DELEGATE", "OVER_DAY_LIMIT"])
        expect(orders).toContain(`refund ${refusal}`);
    },
    60_000 + CHAIN_BATCHES * BATCH_TIMEOUT_MS,
  );

  it(
    "stand in the chain as the watcher rebuilds them and as the contracts answer",
    async () => {
      for (const side of [plain, packed]) {
        const { latest } = await new VaultWatcher({ chain: evm.reader(side.address), startBlock: 0n }).pass();
        const sorted = (state: VaultState): unknown => {
          const { cards: saved, merchants, returns } = state.save();
          const { delegates, reserves, returned } = returns ?? new VaultState().returns.save();
          return [saved, merchants, delegates, reserves, returned].map((rows) => [...rows].sort());
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
    120_000 + CHAIN_BATCHES * BATCH_TIMEOUT_MS,
  );
});
