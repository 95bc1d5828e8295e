import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, it } from "@jest/globals";
import { toHex } from "@tallystick/protocol";
import { Approvals, Waiting } from "../../src/books/approvals/approvals.ts";
import { auditedActions } from "../harness/people/audit.ts";
import { Problem } from "../../src/foundation/http/problem.ts";
import type { VaultContract } from "../../src/chain/vault-contract.ts";
import { HeldActions } from "../../src/chain/refused/held-actions.ts";
import type { Fundings } from "../../src/issuing/cards/fundings.ts";
import { Payouts } from "../../src/issuing/payouts/payouts.ts";
import type { WithheldPayments } from "../../src/vouchers/withheld/withheld-payments.ts";
import { ApprovalDecisions } from "../../src/operations/approvals/approval-decisions.ts";
import { ApprovalReader } from "../../src/operations/console/read/waiting/approvals.ts";
import { payoutApprovals } from "../../src/operations/console/read/waiting/payout-approvals.ts";
import { WaitingReader } from "../../src/operations/console/read/waiting/waiting.ts";
import { invite, removePerson } from "../../src/operations/people/people.ts";
import { QuietHarness } from "../harness/quiet/quiet-harness.ts";

let harness: QuietHarness;

beforeAll(async () => {
  harness = await QuietHarness.open();
});
afterAll(() => harness.close());

it("lists what waits for a second person the newest first, also what was asked for in one millisecond", async () => {
  const { db, clock } = harness;
  const approvals = new Approvals(db, clock, { ...harness.config, approvals: { above: "0.00", hours: 1 } });
  const { address } = await harness.card();
  const actor = { role: "issuer", name: "ida" } as const;
  const ask = async (key: string): Promise<string> => {
    const wanted = { kind: "funding", subject: address, units: 5n, key, reason: "a test", request: { key } } as const;
    const answer = await db.transaction().execute((trx) => approvals.ask(trx, { ...wanted, actor, approval: null }));
    if (!(answer instanceof Waiting)) throw new Error("nothing waits");
    return answer.approval.id;
  };
  const asked: string[] = [];
  for (const key of ["a", "b", "c", "d", "e", "f", "g", "h"]) asked.push(await ask(key));
  // What waits already keeps its place; what is asked for later comes first, whatever is behind it.
  expect(await ask("c")).toBe(asked[2]);
  harness.nowMs += 1;
  asked.push(await ask("i"));
  // Each is an entry, once.
  const entries = (await auditedActions(db)).filter(([action]) => action === "approval-asked");
  expect(entries.map(([, who, role, subject]) => [who, role, subject])).toEqual(
    asked.map((id) => ["ida", "issuer", `approval:${id}`]),
  );
  expect(entries[0]?.[4]).toEqual([
    ["kind", "funding"],
    ["of", toHex(address)],
    ["units", "5"],
    ["reason", "a test"],
  ]);
  const listed = (await approvals.list()).filter(({ id }) => asked.includes(id));
  expect(listed.map(({ id }) => id)).toEqual(asked.toReversed());
  // How much waits, on the first screen.
  const { approvals: waiting } = await new WaitingReader(db, clock).read();
  expect(waiting).toMatchObject({ count: asked.length, units: 5n * BigInt(asked.length) });
});

it("keeps a key to its amount and to its answer, also below the sum that needs a second person", async () => {
  const { db, clock } = harness;
  const approvals = new Approvals(db, clock, { ...harness.config, approvals: { above: "0.10", hours: 1 } });
  const { address } = await harness.card();
  const ida = { role: "issuer", name: "ida" } as const;
  const key = randomUUID();
  const ask = async (units: bigint): Promise<string> => {
    const wanted = { kind: "funding", subject: address, units, key, reason: "a test", request: { key } } as const;
    try {
      const asked = await db
        .transaction()
        .execute((trx) => approvals.ask(trx, { ...wanted, actor: ida, approval: null }));
      return asked instanceof Waiting ? asked.approval.id : "permitted";
    } catch (error) {
      if (error instanceof Problem) return error.code;
      throw error;
    }
  };
  const [most, more] = [100_000n, 100_001n];
  expect(await ask(most)).toBe("permitted");
  const waiting = await ask(more);
  expect([await ask(more), await ask(most), await ask(more + 1n)]).toEqual([waiting, "KEY_REUSED", "KEY_REUSED"]);
  harness.nowMs += 3_600_000;
  expect(await ask(most)).toBe("permitted");
  const again = await ask(more);
  await approvals.refuse(again, "not this one", { role: "issuer", name: "bo" } as const);
  expect([await ask(more), await ask(most), await ask(1n)]).toEqual(Array(3).fill("APPROVAL_OVER"));
});

it("ends what a person asked for who is removed, and nothing that another one asked for", async () => {
  const { db, clock, config, nowMs: now } = harness;
  const approvals = new Approvals(db, clock, { ...config, approvals: { above: "0.00", hours: 1 } });
  const { address: card } = await harness.card();
  const ask = async (name: string): Promise<string> => {
    const wanted = { kind: "funding", subject: card, units: 5n, key: name, reason: "a test", request: {} } as const;
    const actor = { role: "issuer", name } as const;
    const answer = await db.transaction().execute((trx) => approvals.ask(trx, { ...wanted, actor, approval: null }));
    if (!(answer instanceof Waiting)) throw new Error("nothing waits");
    return answer.approval.id;
  };
  await invite(db, { ...{ name: "moe", role: "issuer", payee: null, by: "ada", now } });
  const [left, other] = [await ask("moe"), await ask("nia")];
  expect(await removePerson(db, { name: "moe", by: "ada", reason: "left the firm", now })).toBe(true);
  expect([(await approvals.find(left)).state, (await approvals.find(other)).state]).toEqual(["ended", "waiting"]);
  const uma = { role: "issuer", name: "uma" } as const;
  await expect(approvals.refuse(left, "too late", uma)).rejects.toMatchObject({ code: "APPROVAL_OVER" });
});

it("shows payees of payouts as they are called, and above which sum a second person is asked", async () => {
  const { db, config } = harness;
  const [named, other] = [address(7), address(8)];
  await db
    .insertInto("merchant_names")
    .values({ payee: named, name: "Kiosk", contact: "", changed_at: new Date(harness.nowMs) })
    .execute();
  const state = "waiting";
  const subjects = [
    { kind: "payout", state, subject: toHex(named) },
    { kind: "payout", state, subject: toHex(other) },
  ];
  // Of the other one the vault cannot be read.
  const slot = { earned: 7_500_000n, withdrawn: 500_000n };
  const merchant = (payee: Uint8Array) =>
    payee[0] === 7 ? Promise.resolve(slot) : Promise.reject(new Error("no node answers"));
  const vault = { merchant } as unknown as VaultContract;
  const read = (above: string | undefined, list: object[]) => {
    const decisions = { list: () => Promise.resolve(list) } as unknown as ApprovalDecisions;
    return new ApprovalReader(db, decisions, vault, { ...config, approvals: { above, hours: 1 } }).read();
  };
  const view = await read("500.00", subjects);
  expect([[...view.names], view.above]).toEqual([[[toHex(named), "Kiosk"]], "500.00"]);
  expect([...view.owed]).toEqual([[toHex(named), "7.00"]]);
  const none = { names: new Map(), owed: new Map(), above: null, aboveADay: null };
  expect(await read(undefined, [])).toEqual({ approvals: [], ...none });
});

const address = (digit: number): Buffer => Buffer.alloc(20, digit);

it("bounds what one person moves alone within a day, to the unit, and counts nothing that did not move", async () => {
  const { db, clock } = harness;
  const approvals = new Approvals(db, clock, {
    ...harness.config,
    approvals: { above: "0.06", aboveADay: "0.10", hours: 1 },
  });
  const { address: subject } = await harness.card();
  const ask = async (name: string | null, units: bigint, end: "commit" | "undo" = "commit"): Promise<string> => {
    const wanted = { kind: "funding", subject, units, key: randomUUID(), reason: "a test", request: {} } as const;
    try {
      return await db.transaction().execute(async (trx) => {
        const answer = await approvals.ask(trx, { ...wanted, actor: { role: "issuer", name }, approval: null });
        if (end === "undo") throw new Problem("CARD_LOST", "It did not move.");
        return answer instanceof Waiting ? "waiting" : "alone";
      });
    } catch (error) {
      if (error instanceof Problem) return error.code;
      throw error;
    }
  };
  // Above the sum of one movement: nothing is counted, so that all of the day's sum is still there.
  expect(await ask("eva", 60_001n)).toBe("waiting");
  expect(await ask("eva", 60_000n, "undo")).toBe("CARD_LOST");
  expect(await ask("eva", 60_000n)).toBe("alone");
  harness.nowMs += 1;
  expect(await ask("eva", 40_001n)).toBe("waiting");
  expect(await ask("eva", 40_000n)).toBe("alone");
  expect(await ask("eva", 1n)).toBe("waiting");
  // It is each person's own.
  expect([await ask("max", 60_000n), await ask(null, 1n)]).toEqual(["alone", "NAME_NEEDED"]);
  harness.nowMs += 86_399_998;
  expect(await ask("eva", 1n)).toBe("waiting");
  harness.nowMs += 1;
  expect([await ask("eva", 60_000n), await ask("eva", 1n)]).toEqual(["alone", "waiting"]);
  // Two at once do not both fit into what is left.
  harness.nowMs += 86_400_000;
  const both = await Promise.all([ask("eva", 60_000n), ask("eva", 60_000n)]);
  expect(both.toSorted()).toEqual(["alone", "waiting"]);
});

it("pays no more by an approval than its second person saw, and shows what was paid", async () => {
  const { db, clock } = harness;
  const config = { ...harness.config, approvals: { above: "20.00", hours: 1 } };
  const approvals = new Approvals(db, clock, config);
  let owed = 23_000_000n;
  const merchant = () => Promise.resolve({ earned: owed + 5n, withdrawn: 5n });
  const contract = { ...harness.contract, merchant } as unknown as VaultContract;
  const held = new HeldActions(db, clock);
  const payouts = new Payouts(db, harness.actions, held, approvals, contract, clock);
  const untouched = [{} as Fundings, payouts, {} as WithheldPayments] as const;
  const decisions = new ApprovalDecisions(approvals, ...untouched, config.asset, clock);
  const by = (name: string) => ({ role: "finance", name }) as never;
  const ask = async (payee: Uint8Array): Promise<string> => {
    const asked: unknown = await payouts
      .plan({ payee, reason: "the week" }, by("ada"))
      .catch((error: unknown) => error);
    if (asked instanceof Problem) return asked.members["approval"] as string;
    throw new Error("nothing waits");
  };
  const approve = async (id: string, name: string, amount?: string): Promise<unknown> => {
    try {
      const given = { reason: "looked at it", ...(amount === undefined ? {} : { amount }) };
      const answer = await decisions.approve(id, given, by(name));
      return [answer.state, answer.amount];
    } catch (error) {
      if (error instanceof Problem) return [error.code, error.members["was"], error.members["now"]];
      throw error;
    }
  };
  const payee = address(11);
  const id = await ask(payee);
  owed = 32_000_000n;
  // The sum that counts is the one that was seen, however often the same is sent.
  const grown = ["SUM_GREW", "23.00", "32.00"];
  expect([await approve(id, "ben"), await approve(id, "ben", "23.00")]).toEqual([grown, grown]);
  expect(await approve(id, "ben", "31.999999")).toEqual(["SUM_GREW", "31.999999", "32.00"]);
  expect(await approve(id, "ada", "32.00")).toEqual(["SECOND_PERSON_NEEDED", undefined, undefined]);
  const plans = () => db.selectFrom("payouts").select("id").where("payee", "=", payee).execute();
  expect([await plans(), (await approvals.find(id)).state]).toEqual([[], "waiting"]);
  // Of two at once the one who saw it all pays it, once.
  const both = await Promise.all([approve(id, "ben", "32.00"), approve(id, "cem", "23.00")]);
  expect(both[0]).toEqual(["approved", "32.00"]);
  expect(await plans()).toHaveLength(1);
  const [entry] = (await auditedActions(db)).filter(([, , , subject]) => subject === toHex(payee));
  expect([entry?.slice(0, 3), (entry?.[4] as string[][])[0]]).toEqual([
    ["payout", "ben", "finance"],
    ["units", "32000000"],
  ]);
  const since = new Date(harness.nowMs).toISOString();
  const again = async (name: string, reason: string) => {
    const asked: unknown = await payouts
      .plan({ payee: address(13), reason }, by(name))
      .catch((error: unknown) => error);
    return (asked as Problem).members["waitsSince"];
  };
  const reasons = [await again("ada", "the week"), await again("ada", "the week"), await again("ada", "the month")];
  expect([...reasons, await again("eda", "the week")]).toEqual([undefined, undefined, since, since]);
  const standing = { payee: address(13), asset: config.asset, now: harness.nowMs };
  expect(await payoutApprovals(db, standing)).toMatchObject([{ askedBy: "ada", amount: "32.00 TUSD", refused: null }]);
  const [{ id: refused } = { id: "" }] = (await decisions.list()).filter(
    ({ subject }) => subject === toHex(address(13)),
  );
  await decisions.refuse(refused, "not now", by("ben"));
  expect(await payoutApprovals(db, standing)).toMatchObject([{ refused: { by: "ben", reason: "not now" } }]);
  // A lower sum goes through, and the list says what was paid.
  const less = await ask(address(12));
  owed = 21_000_000n;
  expect(await approve(less, "ben")).toEqual(["approved", "21.00"]);
});
