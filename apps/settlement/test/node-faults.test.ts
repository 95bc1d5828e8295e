import { afterAll, afterEach, beforeAll, describe, expect, it } from "@jest/globals";
import { toHex, type VoucherBundle } from "@tallystick/protocol";
import { startRpcProxy, type RpcProxy } from "@tallystick/stack";
import { sql } from "kysely";
import { finalityCommand, rescanCommand } from "../src/commands/chain-commands.ts";
import { chainFaults } from "../src/chain/chain-faults.ts";
import { Mailbox } from "../src/issuing/mailbox/mailbox.ts";
import { mint } from "./harness/by-hand.ts";
import { eventually } from "./harness/eventually.ts";
import { auditedActions, type AuditedEntry } from "./harness/people/audit.ts";
import { allowanceRequest, certifiedTerminal, fundedCard, registeredCard } from "./harness/issued.ts";
import { booksBecome } from "./harness/readiness.ts";
import { createHarness, ISSUER_TOKEN, type SettlementHarness, type TestService } from "./harness/settlement-harness.ts";
import { idOf, type TestCard } from "./harness/test-card.ts";
import type { TestTerminal } from "./harness/test-terminal.ts";

let harness: SettlementHarness;
let node: RpcProxy;
let witness: RpcProxy;
const running: TestService[] = [];

beforeAll(async () => {
  harness = await createHarness();
  [node, witness] = [await startRpcProxy(harness.anvil.rpc), await startRpcProxy(harness.anvil.rpc)];
  harness.startMining();
});
afterEach(async () => {
  for (const proxy of [node, witness]) proxy.heal();
  // What one test stopped, the next one needs.
  harness.startMining();
  for (const service of running.splice(0)) await service.stop();
});
afterAll(async () => {
  for (const proxy of [node, witness]) await proxy.stop();
  await harness.stop();
});

async function start(change: Record<string, unknown> = {}): Promise<TestService> {
  const service = await harness.start(await harness.createDatabase(), { rpcUrl: node.url, ...change });
  running.push(service);
  return service;
}

const reasons = async (service: TestService): Promise<readonly string[]> => {
  const { body } = await service.call("GET", "/v1/readiness");
  return (body.reasons as { code: string }[]).map(({ code }) => code);
};
const ready = (service: TestService) =>
  eventually(
    () => reasons(service),
    (codes) => codes.length === 0,
  );
const cursorOf = async ({ platform: { db } }: TestService) =>
  await db.selectFrom("chain_cursor").selectAll().executeTakeFirst();
const stateOf = async (service: TestService, bundle: VoucherBundle) =>
  (await service.call("GET", `/v1/vouchers/${idOf(bundle)}`)).body.state as string;
const becomes = (service: TestService, bundles: readonly VoucherBundle[], wanted: string) =>
  eventually(
    () => Promise.all(bundles.map((bundle) => stateOf(service, bundle))),
    (states) => states.every((state) => state === wanted),
  );
const balanced = (service: TestService) => booksBecome(service, { acceptedUnpaid: "0.00" });

async function pay(
  service: TestService,
  { terminal, card, count = 1 }: { terminal: TestTerminal; card: TestCard; count?: number },
): Promise<readonly VoucherBundle[]> {
  const { payee, terminalId } = terminal;
  const vouchers: VoucherBundle[] = [];
  for (let index = 0; index < count; index += 1) vouchers.push(await card.pay({ payee, amount: 10_000n, terminalId }));
  const answer = await service.call("POST", "/v1/uploads", { body: await terminal.upload({ vouchers }) });
  expect(answer.status).toBe(200);
  return vouchers;
}

/** Every row of every table but those that say how far somebody has read and what persons are told of, as text. */
const BY = ["--by", "ada", "--reason", "the node was broken"];

const actions = ({ platform }: TestService): Promise<readonly AuditedEntry[]> => auditedActions(platform.db);

/** Every row but those of the audit log. */
async function everything({ platform: { db } }: TestService): Promise<string> {
  const tables = await sql<{ name: string }>`
    select table_name as name from information_schema.tables where table_schema = 'public'
      and table_name not in ('chain_cursor', 'vault_state_cursor', 'vault_cards', 'vault_merchants', 'outbox', 'status_lists',
        'money_faults', 'money_sums', 'cases', 'case_events') and table_name not like 'audit\\_%'
    order by 1`.execute(db);
  const texts: string[] = [];
  for (const { name } of tables.rows) {
    const { rows } = await sql<{ row: string }>`select t::text as row from ${sql.table(name)} t order by 1`.execute(db);
    texts.push(`${name}: ${rows.map(({ row }) => row).join("\n")}`);
  }
  return texts.join("\n\n");
}

/**
 * Waits until nothing in the books is on its way, on a chain that stands still: what is final is read and compared,
 * fees are booked, bookings are sealed, and no card waits for its policy, which tidies the mailbox once a minute.
 */
async function atRest(service: TestService): Promise<void> {
  const { db, rpc } = service.platform;
  const cards = await db.selectFrom("cards").select("card").execute();
  await eventually(
    async () => {
      const { rows } = await sql<{ open: bigint }>`
        select (select count(*) from chain_actions where not events_checked or state not in ('final', 'failed'))
          + (select count(*) from chain_transactions where not fee_booked)
          + (select count(*) from ledger_unlogged) + (select count(*) from cards where renewal_due)
          + (select count(*) from outbox) as open`.execute(db);
      return [rows[0]?.open, (await cursorOf(service))?.block_number, (await rpc.block("finalized"))?.number] as const;
    },
    ([open, read, final]) => Number(open) === 0 && read === final,
  );
  await service.app.get(Mailbox).tidy(cards.map(({ card }) => card));
}

describe("a node that is not to be believed", () => {
  it("hides events: nothing is skipped, it is said, and reading again has no second effect", async () => {
    await harness.rpc("anvil_mine", ["0x12c"]);
    // It allows ten blocks a question, and says nothing about tips.
    node.fault({ kind: "logRange", blocks: 10, code: -32_600, message: "up to a 10 block range" });
    node.fault({ kind: "missing" }, { methods: ["eth_maxPriorityFeePerGas", "eth_feeHistory"] });
    const service = await start();
    const { db } = service.platform;
    const terminal = await certifiedTerminal(harness, service);
    const card = await fundedCard(harness, service);
    await becomes(service, await pay(service, { terminal, card }), "final");
    node.heal();

    node.fault({ kind: "noLogs" });
    const hidden = await pay(service, { terminal, card, count: 2 });
    await eventually(
      () => reasons(service),
      (codes) => codes.includes("EVENTS_CONTRADICT"),
    );
    const stood = await cursorOf(service);
    await eventually(
      async () => (await chainFaults(db))[0]?.times ?? 0n,
      (times) => times > 2n,
    );
    expect(await cursorOf(service)).toEqual(stood);
    expect(await Promise.all(hidden.map((bundle) => stateOf(service, bundle)))).toEqual(["batched", "batched"]);
    node.heal();
    await becomes(service, hidden, "final");
    await ready(service);

    // A node without blooms can hide them from the index; the receipt of the own transaction tells.
    node.fault({ kind: "noLogs" });
    const withoutBloom = (block: unknown): unknown => ({ ...(block as object), logsBloom: undefined });
    node.fault({ kind: "change", change: withoutBloom }, { methods: ["eth_getBlockByNumber"] });
    const missed = await pay(service, { terminal, card });
    await eventually(
      () => reasons(service),
      (codes) => codes.includes("EVENTS_CONTRADICT"),
    );
    node.heal();
    await becomes(service, missed, "final");
    await ready(service);
    const kinds = await db.selectFrom("anomalies").select("kind").execute();
    expect(kinds).toContainEqual({ kind: "EVENTS_MISSED" });
    await balanced(service);

    await harness.stopMining();
    await atRest(service);
    const [before, done] = [await everything(service), await actions(service)];
    for (const left of [BY.slice(2), BY.slice(0, 2)])
      await expect(rescanCommand(["--config", harness.configFile, "--from", "0", ...left])).rejects.toMatchObject({
        code: "USAGE",
      });
    const deployed = Number(harness.config["startBlock"]);
    const again = await rescanCommand(["--config", harness.configFile, "--from", "0", ...BY]);
    expect(JSON.parse(again.line)).toMatchObject({ from: deployed, found: 0 });
    const first = await service.platform.rpc.block(BigInt(deployed));
    const moved = { block_number: BigInt(deployed), block_hash: first?.hash ?? new Uint8Array() };
    const last = await cursorOf(service);
    await db.updateTable("chain_cursor").set(moved).execute();
    await eventually(
      () => cursorOf(service),
      (cursor) => cursor?.block_number === last?.block_number,
    );
    expect(await everything(service)).toBe(before);
    expect(await actions(service)).toEqual([
      ...done,
      ["rescan", "ada", "admin", "block:0", [["reason", "the node was broken"]], expect.any(Number)],
    ]);
    harness.startMining();
    await becomes(service, await pay(service, { terminal, card }), "final");
  });

  it.each([
    ["the first", () => node],
    ["the second", () => witness],
  ])("stands beside another one: %s of two lies, lags or is silent", async (_, which) => {
    const service = await start({ witnessRpcUrl: witness.url });
    const terminal = await certifiedTerminal(harness, service);
    const card = await fundedCard(harness, service);
    const faulty = which();

    faulty.fault({ kind: "noLogs" });
    const lied = await pay(service, { terminal, card });
    await eventually(
      () => reasons(service),
      (codes) => codes.includes("EVENTS_CONTRADICT"),
    );
    faulty.heal();
    await becomes(service, lied, "final");

    // What one has not seen is not final for both: the cursor follows the slower one.
    faulty.fault({ kind: "lag", blocks: 8 });
    const lagged = await pay(service, { terminal, card });
    await becomes(service, lagged, "final");
    await ready(service);
    faulty.heal();

    faulty.fault({ kind: "silent" });
    const waiting = await pay(service, { terminal, card });
    faulty.forget();
    await eventually(
      () => Promise.resolve(faulty.questions.length),
      (asked) => asked > 0,
    );
    expect(await stateOf(service, waiting[0] as VoucherBundle)).not.toBe("final");
    faulty.heal();
    await becomes(service, waiting, "final");
    await ready(service);
    await balanced(service);
  });

  it("shows foreign blocks for a while, and what is proved ends the alarm", async () => {
    const service = await start();
    const { db } = service.platform;
    const terminal = await certifiedTerminal(harness, service);
    const card = await fundedCard(harness, service);
    node.fault({ kind: "foreignHash" });
    await eventually(
      () => reasons(service),
      (codes) => codes.some((code) => code === "FINALITY_BROKEN" || code === "EVENTS_CONTRADICT"),
    );
    node.heal();
    await ready(service);
    await becomes(service, await pay(service, { terminal, card }), "final");
    // The watcher says that a voucher is final, and the sender that its action is.
    const settled = db.selectFrom("chain_actions").selectAll().where("kind", "=", "settle");
    const action = await eventually(
      () => settled.executeTakeFirstOrThrow(),
      ({ state }) => state === "final",
    );

    const finality = async (...args: string[]) => {
      const { line, exit } = await finalityCommand(["--config", harness.configFile, ...args]);
      return { ...(JSON.parse(line) as Record<string, unknown>), exit };
    };
    expect(await finality()).toMatchObject({ state: "STANDS", exit: 0 });
    // What a lie left behind: the remembered block is none of the chain, and nothing is gone.
    const foreign = Buffer.alloc(32, 7);
    await db.updateTable("chain_cursor").set({ block_hash: foreign }).execute();
    await eventually(
      () => reasons(service),
      (codes) => codes.includes("FINALITY_BROKEN"),
    );
    expect(await finality()).toMatchObject({ state: "REPLACED", exit: 1, accepted: false, gone: [] });
    const events = await db
      .selectFrom("chain_events")
      .selectAll()
      .where("final", "=", true)
      .orderBy("block_number", "desc")
      .execute();
    const newest = events[0]?.block_hash ?? foreign;
    const swap = async (from: Uint8Array, to: Uint8Array) => {
      await db.updateTable("chain_events").set({ block_hash: to }).where("block_hash", "=", from).execute();
      await db
        .updateTable("chain_actions")
        .set({ mined_block_hash: to })
        .where("mined_block_hash", "=", from)
        .execute();
    };
    // Had the chain really changed, what is gone is named, and nothing is accepted.
    await swap(newest, foreign);
    const done = await actions(service);
    expect(await finality("--accept", ...BY)).toMatchObject({
      ...{ state: "CHANGED", exit: 1, accepted: false },
      gone: [{ key: action.key, tx: toHex(action.mined_hash ?? foreign) }],
      goneBlocks: [`${action.mined_block} ${toHex(foreign)}`],
    });
    await swap(foreign, newest);
    await expect(finality("--accept", ...BY.slice(2))).rejects.toMatchObject({ code: "USAGE" });
    expect(await actions(service)).toEqual(done);
    const remembered = `0x${foreign.toString("hex")}`;
    expect(await finality("--accept", ...BY)).toMatchObject({ state: "REPLACED", exit: 0, accepted: true });
    expect((await actions(service)).slice(done.length)).toEqual([
      [
        ...["finality-accepted", "ada", "admin", expect.stringMatching(/^block:\d+$/)],
        [
          ["remembered", remembered],
          ["standing", expect.stringMatching(/^\d+$/)],
          ["reason", "the node was broken"],
        ],
        expect.any(Number),
      ],
    ]);
    await ready(service);
    await becomes(service, await pay(service, { terminal, card }), "final");
    await balanced(service);
  });
});

describe("a node that refuses", () => {
  it("says once that a funding is undone; a treasury that is empty is waited for, and a person may give up", async () => {
    const service = await start();
    const call = (method: string, path: string, body?: unknown) =>
      service.call(method, path, { token: ISSUER_TOKEN, ...(body === undefined ? {} : { body }) });
    const undone = { kind: "error", code: 3, message: "execution reverted" } as const;
    node.fault(undone, { methods: ["eth_estimateGas"], times: 1 });
    node.fault(
      { ...undone, code: -32_603, message: "no state to revert to" },
      { methods: ["eth_estimateGas"], times: 1 },
    );
    await fundedCard(harness, service);

    const poor = await registeredCard(harness, service);
    const path = `/v1/cards/${toHex(poor.address)}`;
    const asked = { amount: "5000.00", key: "one", reason: "a test" };
    const { id } = (await call("POST", `${path}/fundings`, asked)).body as { id: string };
    const waits = await eventually(
      () => call("GET", `/v1/fundings/${id}`),
      ({ body }) => body.reason !== null,
    );
    expect(waits.body).toMatchObject({ id, state: "planned", reason: expect.stringMatching(/^SIMULATION: [^0]/) });
    const refused = await call("POST", `${path}/allowances`, allowanceRequest());
    expect(refused.body).toMatchObject({ code: "FUNDING_RULE", detail: expect.stringContaining("SIMULATION") });
    expect((await call("POST", `${path}/fundings`, asked)).body).toMatchObject({ id, state: "planned" });

    // Another is given up, twice with one effect, and may be taken up again.
    const second = (await call("POST", `${path}/fundings`, { ...asked, key: "two" })).body as { id: string };
    for (let time = 0; time < 2; time += 1) {
      const given = await call("POST", `/v1/fundings/${second.id}/abandon`, { reason: "typed wrong" });
      expect(given.body).toMatchObject({ id: second.id, state: "failed", reason: expect.stringMatching(/^ABANDONED/) });
    }
    // The revert's own text may hold what no database takes.
    const dirty = "execution reverted: \u0000\ud800custom error";
    node.fault({ kind: "error", code: 3, message: dirty }, { methods: ["eth_estimateGas", "eth_call"] });
    expect((await call("POST", `/v1/fundings/${id}/retry`, { reason: "a test" })).body).toMatchObject({
      id,
      state: "planned",
    });
    await eventually(
      () => call("GET", `/v1/fundings/${id}`),
      ({ body }) => /custom error/.test(String(body.reason)),
    );
    node.heal();

    await mint(harness, harness.treasury, 5_000_000_000n);
    await call("POST", `/v1/fundings/${id}/retry`, { reason: "a test" });
    await eventually(
      () => call("GET", `/v1/fundings/${id}`),
      ({ body }) => body.state === "final" && body.reason === null,
    );
    const over = await call("POST", `/v1/fundings/${id}/abandon`, { reason: "a test" });
    expect(over).toMatchObject({ status: 409, body: { code: "ACTION_UNDER_WAY" } });
    expect((await call("POST", `/v1/fundings/${id}/retry`, { reason: "a test" })).body).toMatchObject({
      state: "final",
    });
    expect((await call("GET", `/v1/fundings/${second.id}`)).body).toMatchObject({ state: "failed" });
    await mint(harness, harness.treasury, 5_000_000_000n);
    await call("POST", `/v1/fundings/${second.id}/retry`, { reason: "a test" });
    await eventually(
      () => call("GET", `/v1/fundings/${second.id}`),
      ({ body }) => body.state === "final",
    );
    for (const kind of ["retry", "abandon"]) {
      const none = await call("POST", `/v1/fundings/00000000-0000-4000-8000-000000000000/${kind}`, {
        reason: "a test",
      });
      expect(none.status).toBe(404);
    }
  });

  it("has too little gas in a block: batches are halved, and a voucher that is too dear is named", async () => {
    const service = await start();
    const terminal = await certifiedTerminal(harness, service);
    const card = await fundedCard(harness, service);
    const limit = async (gas: number) => {
      // A block that is being mined at this moment takes the limit of before along.
      await eventually(
        async () => {
          await harness.rpc("evm_setBlockGasLimit", [`0x${gas.toString(16)}`]);
          await harness.rpc("evm_mine");
          return (await harness.rpc("eth_getBlockByNumber", ["latest", false])) as { readonly gasLimit: string };
        },
        ({ gasLimit }) => Number(gasLimit) === gas,
      );
    };
    let dear: VoucherBundle | undefined;
    try {
      await limit(150_000);
      await becomes(service, await pay(service, { terminal, card, count: 8 }), "final");
      await limit(30_000);
      [dear] = await pay(service, { terminal, card });
      const view = await eventually(
        () => service.call("GET", `/v1/vouchers/${idOf(dear as VoucherBundle)}`),
        ({ body }) => body.waits?.code === "GAS_LIMIT",
      );
      expect(view.body.state).toBe("skipped");
    } finally {
      await limit(30_000_000);
    }
    // Blocks have grown: it is paid by itself, like the next one.
    await becomes(service, await pay(service, { terminal, card }), "final");
    await becomes(service, [dear as VoucherBundle], "final");
    await balanced(service);
  });
});
