import { afterAll, beforeAll, expect, it } from "@jest/globals";
import { toHex } from "@tallystick/protocol";
import { Approvals, Waiting } from "../../src/books/approvals/approvals.ts";
import { auditedActions } from "../harness/people/audit.ts";
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
});
