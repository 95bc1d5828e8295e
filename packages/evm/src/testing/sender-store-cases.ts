import assert from "node:assert/strict";
import type { ActionCall, ChainAction } from "../sender/chain-action.ts";
import type { SenderStore, Signed } from "../sender/sender-store.ts";

/** A store on trial, empty, and what the cases need around it. */
export interface SenderStoreTrial<Action extends ChainAction = ChainAction> {
  readonly store: SenderStore<Action>;
  /**
   * Plans a call of the account. Where the store keeps no plans, the answer is the caller's alone.
   */
  plan(call: ActionCall): Promise<Action>;
  /** Another store over the same data: another process, or this one after it was killed. */
  reopen(): Promise<SenderStore<Action>>;
  /**
   * Whether plans and reserved nonces are kept; where not, an action is first kept together with
   * its first bytes.
   */
  readonly keepsPlans: boolean;
  /** Whether an action whose nonce is lost is planned again; where not, the application decides. */
  readonly plansAgain: boolean;
}

export type SenderStoreFactory = () => Promise<SenderStoreTrial>;

export interface SenderStoreCase {
  readonly name: string;
  run(create: SenderStoreFactory): Promise<void>;
}

/** Times are whole seconds: a store may keep no finer ones. */
const T0 = 1_800_000_000_000;
const gas = 100_000n;
const call: ActionCall = { to: new Uint8Array(20).fill(7), data: Uint8Array.of(1, 2, 3, 4) };

/** Bytes that no store looks into; `fill` tells them apart. */
function signed(fill: number, maxFee = 100n): Signed {
  return { raw: new Uint8Array(50).fill(fill), hash: new Uint8Array(32).fill(fill), maxFee, priorityFee: 2n };
}

/** The action after a write that must succeed. */
function kept<Action>(action: Action | null): Action {
  assert.ok(action !== null, "the store refused a write of an action that nobody else moved");
  return action;
}

async function reserved({ store, plan }: SenderStoreTrial, chainNonce = 5n): Promise<ChainAction> {
  const action = await plan(call);
  return kept(await store.reserve(action, { gas, chainNonce }));
}

async function stored(trial: SenderStoreTrial, fill: number, chainNonce = 5n): Promise<ChainAction> {
  return kept(await trial.store.keepFirst(await reserved(trial, chainNonce), signed(fill), T0));
}

/** Sent, as far as the store knows. */
async function sent(trial: SenderStoreTrial, fill: number): Promise<ChainAction> {
  const { store } = trial;
  const marked = await store.markSent(await stored(trial, fill), signed(fill).hash, T0 + 1_000);
  return marked.state === "signed" ? kept(await store.move(marked, { to: "broadcast", dropped: false }, T0)) : marked;
}

function bytesOf({ transactions }: ChainAction): readonly { readonly raw: Uint8Array; readonly storedAt: number }[] {
  return transactions.map(({ raw, storedAt }) => ({ raw: Uint8Array.from(raw), storedAt }));
}

const keptByAll: readonly SenderStoreCase[] = [
  {
    name: "gives the chain's nonce first, and the next ones to what follows",
    async run(create) {
      const trial = await create();
      const nonces: (bigint | null)[] = [];
      for (const fill of [1, 2, 3]) nonces.push((await stored(trial, fill)).nonce);
      assert.deepEqual(nonces, [5n, 6n, 7n]);
    },
  },
  {
    name: "keeps the first bytes as they are, for whoever opens it next",
    async run(create) {
      const trial = await create();
      const action = await stored(trial, 9);
      const again = kept(await (await trial.reopen()).load(action.id));
      assert.deepEqual(bytesOf(again), [{ raw: signed(9).raw, storedAt: T0 }]);
      assert.deepEqual([again.nonce, again.nonceTaken], [5n, false]);
      assert.ok(again.state === "signed" || again.state === "broadcast");
      assert.equal(await trial.store.load("0xdead"), null);
    },
  },
  {
    name: "keeps replacements in their order, and one where two come at once",
    async run(create) {
      const trial = await create();
      const action = await sent(trial, 1);
      const replaced = kept(await trial.store.keepReplacement(action, signed(2, 200n), T0 + 48_000));
      assert.equal(await trial.store.keepReplacement(action, signed(3, 300n), T0 + 48_000), null);
      assert.deepEqual(
        bytesOf(replaced).map(({ raw }) => raw[0]),
        [1, 2],
      );
      const again = kept(await (await trial.reopen()).load(action.id));
      assert.deepEqual(bytesOf(again), [
        { raw: signed(1).raw, storedAt: T0 },
        { raw: signed(2).raw, storedAt: T0 + 48_000 },
      ]);
    },
  },
  {
    name: "remembers that a nonce seems to be taken, and that it is not",
    async run(create) {
      const trial = await create();
      const action = await sent(trial, 1);
      kept(await trial.store.suspectNonce(action, true, T0));
      const suspected = kept(await (await trial.reopen()).load(action.id));
      assert.equal(suspected.nonceTaken, true);
      kept(await trial.store.suspectNonce(suspected, false, T0));
      assert.equal(kept(await trial.store.load(action.id)).nonceTaken, false);
    },
  },
];

const keptByPlanners: readonly SenderStoreCase[] = [
  {
    name: "gives many actions at once a nonce each",
    async run(create) {
      const trial = await create();
      if (!trial.keepsPlans) return;
      const actions = await Promise.all(Array.from({ length: 8 }, () => trial.plan(call)));
      const granted = await Promise.all(actions.map((action) => trial.store.reserve(action, { gas, chainNonce: 5n })));
      const nonces = granted.map((action) => kept(action).nonce ?? -1n).sort((a, b) => Number(a - b));
      assert.deepEqual(nonces, [5n, 6n, 7n, 8n, 9n, 10n, 11n, 12n]);
    },
  },
  {
    name: "lets one of two move an action, from every state",
    async run(create) {
      const trial = await create();
      if (!trial.keepsPlans) return;
      const { store } = trial;
      const planned = await trial.plan(call);
      const owned = kept(await store.reserve(planned, { gas, chainNonce: 5n }));
      assert.equal(await store.reserve(planned, { gas, chainNonce: 5n }), null);
      assert.equal(await store.move(planned, { to: "refused", code: "SIMULATION", detail: "" }, T0), null);
      const first = kept(await store.keepFirst(owned, signed(1), T0));
      assert.equal(await store.keepFirst(owned, signed(2), T0), null);
      const broadcast = kept(await store.move(first, { to: "broadcast", dropped: false }, T0));
      assert.equal(await store.move(first, { to: "broadcast", dropped: false }, T0), null);
      const receipt = receiptOf(first);
      const mined = kept(await store.move(broadcast, { to: "mined", receipt }, T0));
      assert.equal(await store.giveUpNonce(broadcast, 9n, T0), null);
      kept(await store.move(mined, { to: "final", receipt }, T0));
      assert.equal(await store.move(mined, { to: "broadcast", dropped: true }, T0), null);
      assert.equal(kept(await (await trial.reopen()).load(planned.id)).state, "final");
    },
  },
  {
    name: "uses no nonce for what is refused",
    async run(create) {
      const trial = await create();
      if (!trial.keepsPlans) return;
      const planned = await trial.plan(call);
      const detail = "execution reverted";
      const refused = kept(await trial.store.move(planned, { to: "refused", code: "SIMULATION", detail }, T0));
      assert.deepEqual([refused.state, refused.nonce], ["refused", null]);
      assert.equal((await reserved(trial)).nonce, 5n);
    },
  },
  {
    name: "plans anew what lost its nonce, and forgets the bytes that can never be mined",
    async run(create) {
      const trial = await create();
      if (!trial.plansAgain) return;
      const { store } = trial;
      const action = await sent(trial, 1);
      const planned = kept(await store.giveUpNonce(action, 9n, T0));
      const again = kept(await (await trial.reopen()).load(action.id));
      for (const each of [planned, again]) {
        assert.deepEqual(
          [each.state, each.nonce, each.nonceTaken, each.transactions.length],
          ["planned", null, false, 0],
        );
      }
      assert.equal(kept(await store.reserve(planned, { gas, chainNonce: null })).nonce, 9n);
    },
  },
  {
    name: "moves nothing for a caller that saw it before it lost its nonce and was sent anew",
    async run(create) {
      const trial = await create();
      if (!trial.plansAgain) return;
      const { store } = trial;
      const before = await stored(trial, 1);
      const sentBefore = kept(await store.move(before, { to: "broadcast", dropped: false }, T0));
      const planned = kept(await store.giveUpNonce(sentBefore, 9n, T0));
      const owned = kept(await store.reserve(planned, { gas, chainNonce: null }));
      const first = kept(await store.keepFirst(owned, signed(2), T0));
      assert.equal(await store.move(before, { to: "broadcast", dropped: false }, T0), null);
      kept(await store.move(first, { to: "broadcast", dropped: false }, T0));
      assert.equal(await store.giveUpNonce(sentBefore, 9n, T0), null);
      assert.equal(await store.keepReplacement(sentBefore, signed(3, 200n), T0), null);
      assert.equal(await store.suspectNonce(sentBefore, true, T0), null);
      const again = kept(await (await trial.reopen()).load(before.id));
      assert.deepEqual([again.state, again.nonce, bytesOf(again).map(({ raw }) => raw[0])], ["broadcast", 9n, [2]]);
    },
  },
  {
    name: "follows an action back from a block that is gone",
    async run(create) {
      const trial = await create();
      if (!trial.keepsPlans) return;
      const { store } = trial;
      const action = await sent(trial, 1);
      const mined = kept(await store.move(action, { to: "mined", receipt: receiptOf(action) }, T0));
      const dropped = kept(await store.move(mined, { to: "broadcast", dropped: true }, T0));
      assert.deepEqual([dropped.state, dropped.nonce, dropped.transactions.length], ["broadcast", 5n, 1]);
    },
  },
];

function receiptOf({ transactions }: ChainAction) {
  const hash = transactions[0]?.hash ?? new Uint8Array(32);
  return { transactionHash: hash, blockNumber: 3n, blockHash: new Uint8Array(32).fill(8), succeeded: true };
}

/** What every store of signed transactions must do; each case makes a trial of its own. */
export const senderStoreCases: readonly SenderStoreCase[] = [...keptByAll, ...keptByPlanners];
