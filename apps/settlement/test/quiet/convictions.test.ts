import { afterAll, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import { cardStatuses, toHex, type VoucherBundle } from "@tallystick/protocol";
import { proveEquivocationCall } from "@tallystick/vault";
import { convictionKey, Convictions } from "../../src/vouchers/forks/convictions.ts";
import { ForkViews } from "../../src/vouchers/forks/fork-views.ts";
import { recordFork, revokeCard } from "../../src/vouchers/forks/record-fork.ts";
import { QuietHarness, keyOf, messageOf, NOW } from "../harness/quiet/quiet-harness.ts";
import { forkedAt, type Fork } from "../harness/quiet/quiet-forks.ts";
import { send } from "../harness/quiet/quiet-intake.ts";
import { signedMessage } from "../harness/return-harness.ts";
import type { TestCard } from "../harness/test-card.ts";
import type { TestTerminal } from "../harness/test-terminal.ts";

let harness: QuietHarness;

beforeAll(async () => {
  harness = await QuietHarness.open();
});
afterAll(() => harness.close());
beforeEach(() => {
  harness.nowMs = NOW * 1_000;
});

const convict = (card: Uint8Array) =>
  new Convictions(harness.db, harness.actions, harness.contract, harness.clock).convict(card);
const planned = (card: Uint8Array) =>
  harness.db.selectFrom("chain_actions").selectAll().where("key", "=", convictionKey(card)).execute();
const unproved = (card: Uint8Array) =>
  harness.db.selectFrom("anomalies").selectAll().where("card", "=", card).execute();

describe("the conviction of a card", () => {
  it("hands the vault both messages of its fork, once", async () => {
    const { card, first, second } = await forkedAt(harness, 7n);
    await convict(card.address);
    await convict(card.address);
    const actions = await planned(card.address);
    expect(actions).toMatchObject([{ kind: "convict", state: "planned" }]);
    const [one, two] = [first, second].map(signedMessage);
    if (one === undefined || two === undefined) throw new Error("The fork has no two messages.");
    const either = [proveEquivocationCall(one, two), proveEquivocationCall(two, one)].map(toHex);
    expect(either).toContain(toHex(actions[0]?.data ?? Buffer.alloc(0)));
    expect(toHex(actions[0]?.target ?? Buffer.alloc(0))).toBe(toHex(harness.contract.vault));
  });

  it("takes the messages that arrived first, of the lowest counter that has two", async () => {
    const { card, first, second, here } = await forkedAt(harness, 7n);
    // A third message of the counter, and a fork of the next one.
    const third = Object.assign(card.clone(), { counter: 0, spent: 0n, head: Buffer.alloc(32) });
    harness.nowMs += 1_000;
    await send(harness, here, { vouchers: [await harness.pay(third, here, 9n)] });
    await forkedAt(harness, 8n, { card });
    await harness.db
      .updateTable("vouchers")
      .set({ received_at: new Date((NOW - 5) * 1_000) })
      .where("id", "=", keyOf(first))
      .execute();
    await convict(card.address);
    const [action] = await planned(card.address);
    const call = proveEquivocationCall(signedMessage(first), signedMessage(second));
    expect(toHex(action?.data ?? Buffer.alloc(0))).toBe(toHex(call));
  });

  /** A counter of which one message is known, though the card has signed another one. */
  async function halfFork(): Promise<{ card: TestCard; terminal: TestTerminal; sale: VoucherBundle }> {
    const [card, terminal] = [await harness.card(), await harness.terminal()];
    const sale = await harness.pay(card, terminal, 5n);
    await send(harness, terminal, { vouchers: [sale] });
    const fork = { card: card.address, counter: 1n, foundAt: new Date(harness.nowMs) };
    await harness.db.transaction().execute((trx) => recordFork(trx, fork));
    return { card, terminal, sale };
  }

  it("waits where one message only is known, and says so once", async () => {
    const { card } = await halfFork();
    await convict(card.address);
    await convict(card.address);
    expect(await planned(card.address)).toEqual([]);
    expect(await unproved(card.address)).toMatchObject([{ kind: "FORK_UNPROVED", found_at: new Date(harness.nowMs) }]);
    expect((await unproved(card.address))[0]?.detail).toMatch(/counter 1 /);
  });

  it("takes a message that only the chain showed as the second one", async () => {
    const { card, terminal, sale } = await halfFork();
    const other = await harness.pay(Object.assign(card.clone(), { counter: 0 }), terminal, 6n);
    await harness.shown(other, "released");
    await convict(card.address);
    const [action] = await planned(card.address);
    const call = proveEquivocationCall(signedMessage(sale), signedMessage(other));
    expect(toHex(action?.data ?? Buffer.alloc(0))).toBe(toHex(call));
    expect(await unproved(card.address)).toEqual([]);
  });

  it("takes a higher counter where of the lowest one message only is known", async () => {
    const { card, terminal } = await halfFork();
    const { first, second } = await forkedAt(harness, 7n, { card, here: terminal });
    await harness.db
      .updateTable("vouchers")
      .set({ received_at: new Date((NOW - 5) * 1_000) })
      .where("id", "=", keyOf(first))
      .execute();
    await convict(card.address);
    const [action] = await planned(card.address);
    const call = proveEquivocationCall(signedMessage(first), signedMessage(second));
    expect(toHex(action?.data ?? Buffer.alloc(0))).toBe(toHex(call));
  });

  it("stays as it was planned, whatever evidence comes later", async () => {
    const { card, terminal } = await halfFork();
    await forkedAt(harness, 7n, { card, here: terminal });
    await convict(card.address);
    const before = await planned(card.address);
    const other = await harness.pay(Object.assign(card.clone(), { counter: 0 }), terminal, 6n);
    await harness.shown(other, "settled");
    await convict(card.address);
    expect(await planned(card.address)).toEqual(before);
  });

  it("does nothing to a card without a fork", async () => {
    const card = await harness.card();
    await convict(card.address);
    expect(await planned(card.address)).toEqual([]);
    expect(await unproved(card.address)).toEqual([]);
  });
});

describe("a fork", () => {
  it("is kept as it was found first, and revokes its card alone", async () => {
    const [card, other] = [await harness.card(), await harness.card()];
    for (const seconds of [1, 2]) {
      const fork = { card: card.address, counter: 3n, foundAt: new Date(seconds * 1_000) };
      await harness.db.transaction().execute((trx) => recordFork(trx, fork));
    }
    const kept = await harness.db.selectFrom("forks").selectAll().where("card", "=", card.address).execute();
    expect(kept).toMatchObject([{ counter: 3n, found_at: new Date(1_000) }]);
    expect((await harness.cardRow(card)).status).toBe(cardStatuses.revoked);
    expect((await harness.cardRow(other)).status).toBe(cardStatuses.valid);
  });

  it("revokes a lost or suspended card too", async () => {
    for (const status of [cardStatuses.lost, cardStatuses.suspended]) {
      const card = await harness.card({ status });
      await harness.db.transaction().execute((trx) => revokeCard(trx, card.address));
      expect((await harness.cardRow(card)).status).toBe(cardStatuses.revoked);
    }
  });
});

describe("the list of forks", () => {
  const views = () => new ForkViews(harness.db, harness.config.asset).list();
  const viewOf = async ({ card }: Fork) => (await views()).find((view) => view.card === toHex(card.address));

  it("shows both messages with what anyone needs to check them", async () => {
    const fork = await forkedAt(harness, 70_000n);
    const { first, second } = fork;
    const view = await viewOf(fork);
    const ids = [first, second].map((bundle) => toHex(keyOf(bundle)));
    expect(view).toMatchObject({
      counter: 1,
      foundAt: new Date(harness.nowMs).toISOString(),
      paid: null,
      bearer: "issuer",
    });
    expect([...(view?.vouchers ?? [])].sort()).toEqual([...ids].sort());
    const shown = view?.evidence.find(({ voucherId }) => voucherId === ids[1]);
    expect(shown).toMatchObject({
      ...{ payee: toHex(second.message.payee), amount: "0.07", state: "forked", message: toHex(messageOf(second)) },
      ...{ signature: toHex(second.signature), parity: signedMessage(second).parity },
    });
  });

  it.each([
    ["settled", "final"],
    ["released", "released"],
  ] as const)("shows a message that only the chain showed, where it was %s", async (usedBy, state) => {
    const fork = await forkedAt(harness, 7n);
    const { card, here } = fork;
    const third = await harness.pay(Object.assign(card.clone(), { counter: 0 }), here, 9n);
    const transaction = await harness.shown(third, usedBy);
    const view = await viewOf(fork);
    const sources = view?.evidence.map(({ source, tx }) => [source, tx]);
    expect(sources).toEqual([
      ["upload", null],
      ["upload", null],
      ["chain", toHex(transaction)],
    ]);
    expect(view?.evidence[2]).toMatchObject({
      voucherId: toHex(keyOf(third)),
      state,
      message: toHex(messageOf(third)),
    });
    // Once an upload brought it, it is shown as that one.
    await send(harness, here, { vouchers: [third] });
    const again = await viewOf(fork);
    expect(again?.evidence.map(({ source }) => source)).toEqual(["upload", "upload", "upload"]);
  });

  it("names the one that the vault paid, the first to arrive first, and the newest fork before the others", async () => {
    const old = await forkedAt(harness, 7n);
    harness.nowMs += 5_000;
    const fork = await forkedAt(harness, 8n);
    await harness.db
      .updateTable("vouchers")
      .set({ received_at: new Date(harness.nowMs + 1) })
      .where("id", "=", keyOf(fork.first))
      .execute();
    await harness.settled(fork.second);
    const view = await viewOf(fork);
    expect(view?.paid).toBe(toHex(keyOf(fork.second)));
    expect(view?.vouchers).toEqual([toHex(keyOf(fork.second)), toHex(keyOf(fork.first))]);
    const order = (await views()).map(({ card }) => card);
    expect(order.indexOf(toHex(fork.card.address))).toBeLessThan(order.indexOf(toHex(old.card.address)));
  });
});
