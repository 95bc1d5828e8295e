import assert from "node:assert/strict";
import type { LedgerEngine } from "../engine/engine.ts";
import { importJournal } from "../journal/import-journal.ts";
import { entryBytes } from "../log/entry-bytes.ts";
import { leafHash, treeHead } from "../log/merkle-hash.ts";
import { verifyConsistency, verifyInclusion } from "../log/verify-proofs.ts";
import type { Operation } from "../model/operation.ts";
import { expectThrown, openBooks, refuse, T0, take } from "./books.ts";
import type { LedgerConformanceCase } from "./conformance-case.ts";

/** Around one and two full tiles of 256 leaves. */
const SIZES = [1, 2, 3, 255, 256, 257, 511, 512, 513, 520] as const;
const LAST = 520;

const transfer = (number: number): Operation => ({
  ...{ kind: "transfer", id: `t${number}`, debit: "owed:1", credit: "card:1" },
  amount: 1n,
});

/** A log of LAST entries, sealed at each of SIZES; its first entry opens the books. */
async function longLog(createEngine: () => Promise<LedgerEngine>): Promise<LedgerEngine> {
  const engine = await createEngine();
  await openBooks(engine, 1_000n);
  let next = 1;
  for (const size of SIZES) {
    const added = Array.from({ length: size - next }, (_, index) => transfer(next + index));
    if (added.length > 0) await take(engine, ...added);
    next = size;
    assert.equal((await engine.log.seal()).size, size);
  }
  return engine;
}

async function leavesOf({ log }: LedgerEngine, size: number): Promise<Uint8Array[]> {
  const leaves: Uint8Array[] = [];
  for (let index = 0; index < size; index++) {
    const entry = await log.entry(index);
    assert.ok(entry !== null, `entry ${index} is not there`);
    assert.deepEqual(entry.leaf, leafHash(entryBytes(entry.record)));
    leaves.push(entry.leaf);
  }
  return leaves;
}

export const logCases: readonly LedgerConformanceCase[] = [
  {
    name: "a log that is sealed up to an operation ends with it, and takes in the others later",
    async run(createEngine) {
      const engine = await createEngine();
      const { log } = engine;
      await openBooks(engine, 100n);
      await take(engine, transfer(1));
      await take(engine, transfer(2), transfer(3));
      const head = await log.seal({ last: "t2" });
      assert.deepEqual([head.size, (await log.entry(2))?.record.id, await log.entry("t3")], [3, "t2", null]);
      assert.deepEqual(await log.head(), head);
      for (const last of ["t2", "t9"]) await expectThrown("BAD_LOG_RANGE", () => log.seal({ last }));
      assert.deepEqual(await log.head(), head);
      assert.equal((await log.seal({ last: "t3" })).size, 4);
      assert.equal((await log.seal()).size, 4);
      assert.deepEqual(await log.rootAt(3), head.root);
    },
  },
  {
    name: "a log takes in what is booked, once, in order, and nothing that was refused",
    async run(createEngine) {
      const engine = await createEngine();
      const { log } = engine;
      const empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
      const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
      assert.deepEqual([(await log.head()).size, hex((await log.head()).root)], [0, empty]);
      assert.equal(hex((await log.seal()).root), empty);
      await openBooks(engine, 100n);
      await refuse(engine, [{ kind: "transfer", id: "much", debit: "owed:1", credit: "card:1", amount: 101n }], {
        code: "LIMIT_EXCEEDED",
        index: null,
        account: "card:1",
      });
      const hold = {
        kind: "hold",
        id: "h",
        debit: "owed:2",
        credit: "card:1",
        amount: 5n,
        expiresAtMs: T0 + 9,
      } as const;
      await take(engine, transfer(1), hold);
      assert.deepEqual(await log.entry("t1"), null);
      const head = await log.seal();
      assert.equal(head.size, 3);
      assert.deepEqual([await log.seal(), await log.head()], [head, head]);
      const found = await Promise.all([0, 1, 2].map(async (index) => (await log.entry(index))?.record.id));
      assert.deepEqual(found, ["issue", "t1", "h"]);
      const entry = await log.entry("h");
      assert.equal(entry?.index, 2);
      assert.equal(
        new TextDecoder().decode(entryBytes(entry.record)),
        `["tallystick.entry/1","h","hold","USDC","owed:2","card:1","5",null,${T0 + 9},${T0}]`,
      );
      assert.deepEqual([await log.entry(3), await log.entry("nothing")], [null, null]);
    },
  },
  {
    name: "a log's heads are RFC 6962 tree heads at every size, old ones too",
    async run(createEngine) {
      const engine = await longLog(createEngine);
      const leaves = await leavesOf(engine, LAST);
      for (const size of [0, ...SIZES, 77, 300]) {
        assert.deepEqual(await engine.log.rootAt(size), treeHead(leaves.slice(0, size)), `size ${size}`);
      }
      assert.deepEqual(await engine.log.head(), { size: LAST, root: treeHead(leaves) });
    },
  },
  {
    name: "a log proves that an entry is in it, and no other entry or place",
    async run(createEngine) {
      const engine = await longLog(createEngine);
      const leaves = await leavesOf(engine, LAST);
      for (const size of SIZES) {
        const root = await engine.log.rootAt(size);
        for (const index of new Set([0, 1, 254, 255, 256, 510, size - 1].filter((each) => each < size))) {
          const path = await engine.log.proveInclusion({ index, size });
          const claim = { leaf: leaves[index] as Uint8Array, index, size, root, path };
          assert.ok(verifyInclusion(claim), `${index} of ${size}`);
          assert.ok(!verifyInclusion({ ...claim, leaf: leaves[index + 1] ?? new Uint8Array(32) }));
          assert.ok(size === 1 || !verifyInclusion({ ...claim, index: index === 0 ? 1 : index - 1 }));
          assert.ok(!verifyInclusion({ ...claim, path: [...path, root] }));
        }
      }
    },
  },
  {
    name: "a log proves that it was only added to",
    async run(createEngine) {
      const engine = await longLog(createEngine);
      for (const from of [0, ...SIZES]) {
        const fromRoot = await engine.log.rootAt(from);
        for (const to of SIZES.filter((each) => each >= from)) {
          const path = await engine.log.proveConsistency({ from, to });
          const claim = { from, fromRoot, to, toRoot: await engine.log.rootAt(to), path };
          assert.ok(verifyConsistency(claim), `${from} to ${to}`);
          assert.ok(!verifyConsistency({ ...claim, fromRoot: leafHash(fromRoot) }), `${from} to ${to}, other root`);
          if (from > 0) assert.ok(!verifyConsistency({ ...claim, toRoot: leafHash(fromRoot) }));
        }
      }
    },
  },
  {
    name: "a log refuses sizes and places that it does not have",
    async run(createEngine) {
      const engine = await createEngine();
      await openBooks(engine, 10n);
      const { log } = engine;
      await log.seal();
      for (const size of [-1, 2, 0.5, Number.NaN]) await expectThrown("BAD_LOG_RANGE", () => log.rootAt(size));
      for (const [index, size] of [
        [0, 0],
        [1, 1],
        [-1, 1],
        [0, 2],
      ] as const)
        await expectThrown("BAD_LOG_RANGE", () => log.proveInclusion({ index, size }));
      for (const [from, to] of [
        [1, 0],
        [0, 2],
        [-1, 1],
      ] as const)
        await expectThrown("BAD_LOG_RANGE", () => log.proveConsistency({ from, to }));
    },
  },
  {
    name: "a history that is replayed has the same log",
    async run(createEngine) {
      const engine = await longLog(createEngine);
      const replayed = await createEngine();
      await importJournal(replayed, engine.exportJournal());
      assert.deepEqual(await replayed.log.seal(), await engine.log.head());
    },
  },
];
