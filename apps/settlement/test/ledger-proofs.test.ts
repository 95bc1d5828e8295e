import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { leafHash, verifyConsistency, verifyInclusion } from "@tallystick/ledger-core";
import { fromHex, toHex } from "@tallystick/protocol";
import { sql } from "kysely";
import { eventually } from "./harness/eventually.ts";
import { certifiedTerminal, fundedCard } from "./harness/issued.ts";
import { merchantBrowser, type TestBrowser } from "./harness/people/browser.ts";
import { createHarness, type TestService, type SettlementHarness } from "./harness/settlement-harness.ts";
import { idOf } from "./harness/test-card.ts";
import type { TestTerminal } from "./harness/test-terminal.ts";

/** Of `GET /v1/reconciliation`. */
interface AnchorReport {
  readonly anchored: number;
  readonly newest: unknown;
  readonly disagreeing: readonly { readonly batch: string }[];
}

describe("the ledger's log", () => {
  let harness: SettlementHarness;
  let service: TestService;
  let terminal: TestTerminal;

  beforeAll(async () => {
    harness = await createHarness("PackedVault");
    harness.startMining();
    service = await harness.start(await harness.createDatabase());
    terminal = await certifiedTerminal(harness, service);
  });
  afterAll(async () => {
    await service.stop();
    await harness.stop();
  });

  const get = (path: string) => service.call("GET", path).then(({ body }) => body);
  /** Once it holds: a reading that was under way before is answered too. */
  const anchors = (holds: (report: AnchorReport) => boolean): Promise<AnchorReport> =>
    eventually(() => get("/v1/reconciliation").then(({ anchors: report }) => report as AnchorReport), holds);
  const pageSays = (text: string) =>
    eventually(
      async () => (await service.call("GET", "/")).body as string,
      (page) => page.includes(text),
    );

  /** Settles a payment; answers its id and its final batch. */
  async function settled(amount: bigint) {
    const card = await fundedCard(harness, service);
    const sale = await card.pay({ payee: terminal.payee, amount, terminalId: terminal.terminalId });
    await service.call("POST", "/v1/uploads", { body: await terminal.upload({ vouchers: [sale] }) });
    const { batch } = await eventually(
      () => get(`/v1/vouchers/${idOf(sale)}`),
      ({ state }) => state === "final",
    );
    return { id: idOf(sale), batch: await get(`/v1/batches/${batch}`) };
  }

  /** A merchant sees its own with its proof, and another one nothing of it. */
  async function showsOwn({ id, batch }: Awaited<ReturnType<typeof settled>>): Promise<void> {
    const own = await merchantBrowser(service, terminal.payee);
    const other = await merchantBrowser(service, (await certifiedTerminal(harness, service)).payee);
    const read = async (browser: TestBrowser, path: string) => {
      const { status, text } = await browser.get(path);
      return status === 200 ? JSON.parse(text) : status;
    };
    const { vouchers } = await read(own, "/v1/own/vouchers");
    expect([vouchers.length, vouchers[0].id, vouchers[0].state]).toEqual([2, id, "final"]);
    expect((await read(own, `/v1/own/vouchers?before=${id}`)).vouchers).toHaveLength(1);
    expect((await read(own, "/v1/own")).terminals).toMatchObject([{ terminalId: toHex(terminal.terminalId) }]);
    expect((await read(own, "/v1/own/batches")).batches[0]).toMatchObject({
      id: batch.id,
      vouchers: 1,
      amount: "2.00",
    });
    expect((await read(own, `/v1/own/vouchers/${id}`)).state).toBe("final");
    const receipts = `/v1/own/terminals/${toHex(terminal.terminalId)}/receipts`;
    expect((await read(own, receipts)).receipts).toHaveLength(2);
    const { hold, paid } = await read(own, `/v1/own/vouchers/${id}/proof`);
    expect([hold.batch, hold.tx, hold.root]).toEqual([batch.id, batch.tx, batch.ledgerRoot]);
    expect(paid === null || paid.entry.includes(`paid:${id}`)).toBe(true);
    const leaf = leafHash(new TextEncoder().encode(hold.entry));
    const claim = { leaf, index: hold.index, size: hold.size, root: fromHex(hold.root), path: hold.path.map(bytes) };
    expect(verifyInclusion(claim)).toBe(true);
    const page = (await own.get("/own")).text;
    expect([page.includes(id), page.includes("2.00")]).toEqual([true, true]);

    for (const path of [`/v1/own/vouchers/${id}`, `/v1/own/vouchers/${id}/proof`, `/v1/own/vouchers?before=${id}`])
      expect(await read(other, path)).toBe(404);
    expect((await read(other, "/v1/own/vouchers")).vouchers).toEqual([]);
    expect((await read(other, "/v1/own/batches")).batches).toEqual([]);
    expect((await read(other, receipts)).receipts).toEqual([]);
    expect((await other.get("/own")).text).not.toContain(toHex(terminal.payee));
    for (const path of [`/v1/vouchers/${id}`, "/v1/batches", "/console", "/"])
      expect([path, await read(own, path)]).toEqual([path, 403]);
  }

  it("anchors its root of the planning time with every batch, and proves that a payment was in it", async () => {
    const first = await settled(1_000_000n);
    const second = await settled(2_000_000n);
    expect(second.batch.ledgerSize).toBeGreaterThan(first.batch.ledgerSize);
    const report = await anchors(({ anchored }) => anchored === 2);
    expect(report).toMatchObject({ anchored: 2, agreeing: 2, disagreeing: [] });
    expect(report.newest).toEqual({
      ...{ batch: second.batch.id, tx: second.batch.tx },
      ...{ size: second.batch.ledgerSize, root: second.batch.ledgerRoot },
    });

    await showsOwn(second);
    const query = `entry=hold:${second.id}&size=${second.batch.ledgerSize}`;
    const held = await get(`/v1/ledger/proofs/inclusion?${query}`);
    expect(held).toMatchObject({ size: second.batch.ledgerSize, root: second.batch.ledgerRoot });
    expect(JSON.parse(held.entry).slice(0, 3)).toEqual(["tallystick.entry/1", `hold:${second.id}`, "hold"]);
    const leaf = leafHash(new TextEncoder().encode(held.entry));
    expect(toHex(leaf)).toBe(held.leafHash);
    const claim = { leaf, index: held.index, size: held.size, root: fromHex(held.root), path: held.path.map(bytes) };
    expect(verifyInclusion(claim)).toBe(true);
    expect(await get(`/v1/ledger/proofs/inclusion?entry=${held.index}&size=${held.size}`)).toEqual(held);

    const { ledgerSize: from } = first.batch;
    const grown = await get(`/v1/ledger/proofs/consistency?from=${from}&to=${second.batch.ledgerSize}`);
    expect([grown.fromRoot, grown.toRoot]).toEqual([first.batch.ledgerRoot, second.batch.ledgerRoot]);
    const proof = { from, fromRoot: fromHex(grown.fromRoot), to: grown.to, toRoot: fromHex(grown.toRoot) };
    expect(verifyConsistency({ ...proof, path: grown.path.map(bytes) })).toBe(true);
    await pageSays("2 of 2 roots on the chain agree");
  });

  it("takes in what is booked after the last batch, by itself", async () => {
    const { id } = await settled(500_000n);
    const paid = await eventually(
      () => service.call("GET", `/v1/ledger/proofs/inclusion?entry=paid:${id}`),
      ({ status }) => status === 200,
    );
    const newest = await get("/v1/ledger/root");
    expect(newest.size).toBeGreaterThan(paid.body.index);
    expect(await get(`/v1/ledger/root?size=${paid.body.size}`)).toEqual({ size: paid.body.size, root: paid.body.root });
    expect(await get("/v1/ledger/root?size=0")).toEqual({
      size: 0,
      root: "0xe3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    });
  });

  it("refuses places and sizes that it does not have", async () => {
    const { size } = await get("/v1/ledger/root");
    for (const [path, status, code] of [
      [`root?size=${size + 1_000}`, 422, "LOG_RANGE"],
      ["root?size=-1", 400, "MALFORMED_BODY"],
      ["root?size=1&size=2", 400, "MALFORMED_BODY"],
      ["proofs/inclusion", 400, "MALFORMED_BODY"],
      ["proofs/inclusion?entry=paid:nobody", 404, "NOT_FOUND"],
      [`proofs/inclusion?entry=${size + 1_000}`, 404, "NOT_FOUND"],
      ["proofs/inclusion?entry=3&size=3", 422, "LOG_RANGE"],
      ["proofs/consistency", 400, "MALFORMED_BODY"],
      ["proofs/consistency?from=2&to=1", 422, "LOG_RANGE"],
      ["proofs/consistency?from=1x", 400, "MALFORMED_BODY"],
    ] as const) {
      const answer = await service.call("GET", `/v1/ledger/${path}`);
      expect([path, answer.status, answer.body.code]).toEqual([path, status, code]);
    }
  });

  it("reports it when the books are no longer those whose roots are on the chain", async () => {
    const { db } = service.platform;
    const { id, batch } = await settled(250_000n);
    const around = async (table: string, statement: string) => {
      await sql.raw(`alter table ${table} disable trigger user`).execute(db);
      await sql.raw(statement).execute(db);
      await sql.raw(`alter table ${table} enable trigger user`).execute(db);
    };
    await around("ledger_transfers", `update ledger_transfers set at_ms = at_ms + 1 where id = 'hold:${id}'`);
    const changed = await service.call("GET", `/v1/ledger/proofs/inclusion?entry=hold:${id}`);
    expect([changed.status, changed.body.code]).toEqual([500, "LEDGER_CHANGED"]);
    expect((await anchors(({ anchored }) => anchored > 0)).disagreeing).toEqual([]);
    await around("ledger_log_nodes", "update ledger_log_nodes set hash = sha256('another') where position = 0");
    const report = await anchors(({ disagreeing }) => disagreeing.length > 0);
    expect(report.disagreeing.map(({ batch: named }) => named)).toContain(batch.id);
    await pageSays("do not agree with the books");
  });
});

function bytes(text: string): Uint8Array {
  return fromHex(text, 32);
}
