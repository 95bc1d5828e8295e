import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { leafHash, treeHead, verifyConsistency, verifyInclusion } from "@tallystick/ledger-core";
import { fromHex, toHex } from "@tallystick/protocol";
import { exportAudit } from "../src/books/audit-log/export-audit.ts";
import { judgeAudit } from "../src/books/audit-log/judge-audit.ts";
import { eraseMerchant } from "../src/operations/people/erase-merchant.ts";
import { erasePerson } from "../src/operations/people/erase-person.ts";
import { makeToken, revokeTokens } from "../src/operations/tokens/api-tokens.ts";
import { namedColumns, plantName } from "./harness/people/planted-names.ts";
import { auditedEntry, type KeptEntry } from "./harness/people/audit.ts";
import { eventually } from "./harness/eventually.ts";
import { allowanceRequest, certifiedTerminal, fundedCard, registeredCard } from "./harness/issued.ts";
import {
  createHarness,
  ISSUER_TOKEN,
  OPERATOR_TOKEN,
  type SettlementHarness,
  type TestService,
} from "./harness/settlement-harness.ts";
import type { TestCard } from "./harness/test-card.ts";
import type { TestTerminal } from "./harness/test-terminal.ts";

describe("the audit log", () => {
  let harness: SettlementHarness;
  let service: TestService;
  let terminal: TestTerminal;
  let card: TestCard;

  beforeAll(async () => {
    harness = await createHarness();
    harness.startMining();
    service = await harness.start(await harness.createDatabase());
    terminal = await certifiedTerminal(harness, service);
    card = await fundedCard(harness, service);
  });
  afterAll(async () => {
    await service?.stop();
    await harness.stop();
  });

  const get = (path: string) => service.call("GET", path, { token: OPERATOR_TOKEN }).then(({ body }) => body);
  const kept = async (): Promise<readonly KeptEntry[]> => (await get("/v1/audit/entries")).entries.reverse();
  const texts = async (): Promise<readonly string[]> => (await kept()).map(({ entry }) => entry);
  const entries = async () => (await kept()).map(auditedEntry);
  const asIssuer = (method: string, path: string, body: object) =>
    service.call(method, path, { token: ISSUER_TOKEN, body });
  const leaf = (text: string) => leafHash(new TextEncoder().encode(text));

  it("has one entry for every action of a person, with who, what and when (spec §6.11)", async () => {
    const path = `/v1/cards/${toHex(card.address)}`;
    const sale = await card.pay({ payee: terminal.payee, amount: 1_000_000n, terminalId: terminal.terminalId });
    await service.call("POST", "/v1/uploads", { body: await terminal.upload({ vouchers: [sale] }) });
    const payout = () =>
      service.call("POST", "/v1/payouts", {
        token: OPERATOR_TOKEN,
        body: { payee: toHex(terminal.payee), reason: "a test" },
      });
    await eventually(payout, ({ status }) => status === 200);
    for (const status of ["suspended", "suspended", "revoked"])
      await asIssuer("PUT", `${path}/status`, { status, reason: "asked by its cardholder" });
    const found = await entries();
    const [certificate] = found;
    expect(certificate).toEqual([
      ...["certificate", "ida", "issuer"],
      `${toHex(terminal.payee)}:${toHex(terminal.terminalId)}`,
      [
        ["certificate", expect.stringMatching(/^0x[0-9a-f]{64}$/)],
        ["reason", "a test"],
      ],
      expect.any(Number),
    ]);
    const address = toHex(card.address);
    const becoming = (status: string) => [
      ["status", status],
      ["reason", "asked by its cardholder"],
    ];
    expect(found.slice(1).map((each) => each.slice(0, 5))).toEqual([
      [
        "card-registered",
        "ida",
        "issuer",
        address,
        [
          ["owner", harness.treasury],
          ["reference", address],
        ],
      ],
      [
        "funding",
        "ida",
        "issuer",
        address,
        [
          ["units", "20000000"],
          ["key", "first"],
          ["reason", "a test"],
        ],
      ],
      [
        "allowance",
        "ida",
        "issuer",
        address,
        [
          ["seq", "1"],
          ["maxSpent", "20000000"],
          ["reason", "a test"],
        ],
      ],
      [
        "payout",
        "ada",
        "operator",
        toHex(terminal.payee),
        [
          ["units", "1000000"],
          ["reason", "a test"],
        ],
      ],
      ["card-status", "ida", "issuer", address, becoming("suspended")],
      ["card-status", "ida", "issuer", address, becoming("revoked")],
    ]);
  });

  it("names the station that a caller names, and refuses what can be no name", async () => {
    const path = `/v1/cards/${toHex((await fundedCard(harness, service)).address)}/status`;
    const from = (station: string) =>
      fetch(`${service.doors.administration}${path}`, {
        method: "PUT",
        headers: {
          ...{ authorization: `Bearer ${ISSUER_TOKEN}`, "content-type": "application/json" },
          "tallystick-station": station,
        },
        body: JSON.stringify({ status: "suspended", reason: "left behind" }),
      });
    expect((await from("s".repeat(65))).status).toBe(400);
    expect((await from("station 2")).status).toBe(200);
    const [, , , , details] = (await entries()).at(-1) ?? [];
    expect(details).toEqual([
      ["status", "suspended"],
      ["reason", "left behind"],
      ["station", "station 2"],
    ]);
  });

  it("lets one station make the card of a reference, and gives a card without money another one", async () => {
    const from = async (station: string, path: string, body: object) => {
      const place = { "tallystick-station": station, "tallystick-operator": "otto" };
      const response = await fetch(`${service.doors.administration}${path}`, {
        ...{ method: "POST", body: JSON.stringify(body) },
        headers: { authorization: `Bearer ${ISSUER_TOKEN}`, "content-type": "application/json", ...place },
      });
      const answer = (await response.json()) as { readonly code?: string; readonly station?: string };
      return [response.status, answer.code ?? answer.station ?? null];
    };
    const claim = (station: string, more: object = {}) =>
      from(station, "/v1/references/claim", { reference: "C-7", ...more });
    expect((await asIssuer("POST", "/v1/references/claim", { reference: "C-7" })).body.code).toBe("STATION_NEEDED");
    expect([await claim("one"), await claim("one")]).toEqual([
      [200, "one"],
      [200, "one"],
    ]);
    expect(await claim("two")).toEqual([409, "REFERENCE_CLAIMED"]);
    expect(await from("two", "/v1/references/release", { reference: "C-7" })).toEqual([409, "REFERENCE_CLAIMED"]);
    expect(await claim("two", { takeOver: true })).toEqual([200, "two"]);
    const made = await registeredCard(harness, service);
    const address = toHex(made.address);
    const rename = (station: string, of: string, reference: string) =>
      from(station, `/v1/cards/${of}/reference`, { reference, reason: "its label was another" });
    expect(await rename("one", address, "C-7")).toEqual([409, "REFERENCE_CLAIMED"]);
    expect(await rename("two", address, "C-7")).toEqual([200, null]);
    expect((await entries()).at(-1)?.[4]).toEqual([
      ["before", address],
      ["reference", "C-7"],
      ["reason", "its label was another"],
      ["station", "two"],
      ["operator", "otto"],
    ]);
    const rich = toHex((await fundedCard(harness, service)).address);
    expect(await rename("two", rich, "C-8")).toEqual([409, "CARD_HAS_MONEY"]);
    expect(await rename("two", address, rich)).toEqual([409, "REFERENCE_TAKEN"]);
    expect(await from("two", "/v1/references/release", { reference: "C-7" })).toEqual([200, null]);
    expect(await claim("one")).toEqual([200, "one"]);
  });

  it("has none for what had no effect: repeated, refused, or not allowed", async () => {
    const before = await texts();
    const path = `/v1/cards/${toHex(card.address)}`;
    await asIssuer("POST", "/v1/merchants", terminal.certificateRequest({ notAfter: 1, notBefore: 2 }));
    await asIssuer("POST", `${path}/fundings`, { amount: "20.00", key: "first", reason: "a test" });
    await asIssuer("POST", `${path}/fundings`, { amount: "1.00", key: "more", reason: "a test" });
    await asIssuer("POST", `${path}/allowances`, allowanceRequest());
    await asIssuer("PUT", `${path}/status`, { status: "valid", reason: "found" });
    await service.call("PUT", `${path}/status`, { token: OPERATOR_TOKEN, body: { status: "lost", reason: "lost" } });
    expect(await texts()).toEqual(before);
  });

  it("has every action once, and no gap, where many act at once", async () => {
    const before = (await texts()).length;
    await Promise.all(Array.from({ length: 12 }, () => certifiedTerminal(harness, service)));
    const all = await texts();
    expect(all).toHaveLength(before + 12);
    expect((await get("/v1/audit/root")).size).toBe(all.length);
    expect((await get("/v1/audit/root")).root).toBe(toHex(treeHead(all.map(leaf))));
    const { entries: older } = await get("/v1/audit/entries?before=2");
    expect(older.map(({ index }: { index: number }) => index)).toEqual([1, 0]);
  });

  it("proves its entries, and that a newer log is the older one with entries added", async () => {
    const all = await texts();
    const { size, root } = await get("/v1/audit/root");
    for (const index of [0, 3, size - 1]) {
      const proof = await get(`/v1/audit/proofs/inclusion?entry=${index}`);
      expect(proof).toMatchObject({ index, size, root, entry: all[index] });
      const claim = { leaf: leaf(proof.entry), index, size, root: fromHex(root), path: proof.path.map(bytes) };
      expect(verifyInclusion(claim)).toBe(true);
    }
    const older = await service.call("GET", "/v1/audit/root?size=3");
    expect(older.body).toEqual({ size: 3, root: toHex(treeHead(all.slice(0, 3).map(leaf))) });
    const { body } = await service.call("GET", `/v1/audit/proofs/consistency?from=3`);
    expect(body).toMatchObject({ from: 3, fromRoot: older.body.root, to: size, toRoot: root });
    const grown = { from: 3, fromRoot: fromHex(body.fromRoot), to: size, toRoot: fromHex(root) };
    expect(verifyConsistency({ ...grown, path: body.path.map(bytes) })).toBe(true);
  });

  it("is anchored by the root of each batch, and proves offline that nobody changed it, also when names are erased", async () => {
    const { db, domain } = service.platform;
    const sold = await fundedCard(harness, service);
    const sale = await sold.pay({ payee: terminal.payee, amount: 1_000_000n, terminalId: terminal.terminalId });
    const { size } = await get("/v1/audit/root");
    await service.call("POST", "/v1/uploads", { body: await terminal.upload({ vouchers: [sale] }) });
    const { body: batches } = await eventually(
      () => service.call("GET", "/v1/batches"),
      ({ body }) => body.batches[0].state === "final" && body.batches.length > 1,
    );
    const audit = await exportAudit(db, domain);
    const [newest] = audit.anchors.slice(-1);
    expect(newest?.ledgerRoot).toBe(batches.batches[0].ledgerRoot);
    const root = newest?.ledgerRoot ?? "";
    expect(await judgeAudit(audit, [root])).toMatchObject({ anchored: size, withoutWords: 0, findings: [] });
    await makeToken(db, { name: "otto", role: "viewer", days: 1, by: "ada", now: Date.now() });
    await service.call("PUT", `/v1/merchants/${toHex(terminal.payee)}/name`, {
      token: ISSUER_TOKEN,
      body: { name: "otto & sons", contact: "otto, 2nd floor", reason: "a test" },
    });
    await service.call("PUT", `/v1/merchants/${toHex(terminal.payee)}/terminals/${toHex(terminal.terminalId)}/name`, {
      token: ISSUER_TOKEN,
      body: { name: "otto's own", reason: "a test" },
    });
    const wish = { name: "otto", by: "ada", reason: "asked for it", now: Date.now() };
    await expect(erasePerson(db, wish)).rejects.toMatchObject({ code: "STILL_HERE" });
    await revokeTokens(db, { ...wish, id: null });
    await plantName(service.platform.pool, "otto");
    const planted = await namedColumns(service.platform.pool, "otto");
    // A column for persons that is new here needs a row there, and its erasing.
    expect(planted.persons.filter((column) => !planted.holding.includes(column))).toEqual([]);
    expect(await erasePerson(db, wish)).toBeGreaterThan(2);
    expect(await eraseMerchant(db, { ...wish, payee: terminal.payee })).toBe(2);
    expect(await eraseMerchant(db, { ...wish, payee: terminal.payee })).toBe(0);
    const after = await exportAudit(db, domain);
    expect(JSON.stringify(after)).not.toContain("otto");
    expect((await judgeAudit(after, [root])).findings).toEqual([]);
    expect((await namedColumns(service.platform.pool, "otto")).holding).toEqual([]);
  });

  it("shows hashes to everybody and names to operators alone", async () => {
    for (const path of ["/v1/audit/entries", "/v1/audit/proofs/inclusion?entry=0"]) {
      expect((await service.call("GET", path, { token: null })).body.code).toBe("UNAUTHENTICATED");
      expect((await service.call("GET", path, { token: ISSUER_TOKEN })).body.code).toBe("FORBIDDEN");
    }
  });

  it.each([
    ["/v1/audit/root?size=100000", "LOG_RANGE"],
    ["/v1/audit/root?size=-1", "MALFORMED_BODY"],
    ["/v1/audit/entries?before=x", "MALFORMED_BODY"],
    ["/v1/audit/proofs/inclusion", "MALFORMED_BODY"],
    ["/v1/audit/proofs/inclusion?entry=100000", "NOT_FOUND"],
    ["/v1/audit/proofs/inclusion?entry=3&size=3", "LOG_RANGE"],
    ["/v1/audit/proofs/consistency", "MALFORMED_BODY"],
    ["/v1/audit/proofs/consistency?from=4&to=3", "LOG_RANGE"],
  ])("answers %s with %s", async (path, code) => {
    expect((await get(path)).code).toBe(code);
  });

  it("is never changed: the database refuses it, and a proof shows it where somebody did", async () => {
    const { pool } = service.platform;
    for (const table of ["audit_entries", "audit_nodes", "audit_heads", "audit_words"]) {
      await expect(pool.query(`delete from ${table}`)).rejects.toMatchObject({ code: "TS001" });
      await expect(pool.query(`truncate ${table} cascade`)).rejects.toMatchObject({ code: "TS001" });
    }
    const change = "update audit_entries set entry = replace(entry, 'issuer', 'viewer') where position = 0";
    await expect(pool.query(change)).rejects.toMatchObject({ code: "TS001" });
    await pool.query("alter table audit_entries disable trigger audit_entries_append_only");
    await pool.query(change);
    expect((await get("/v1/audit/proofs/inclusion?entry=0")).code).toBe("LEDGER_CHANGED");
  });

  it("has no entry of an action whose transaction does not end, and no action without its entry", async () => {
    const { pool } = service.platform;
    const before = await get("/v1/audit/root");
    await pool.query("alter table audit_heads add constraint full_log check (size < 0) not valid");
    try {
      const made = await asIssuer("POST", "/v1/merchants", terminal.certificateRequest({ category: 4 }));
      expect([made.status, made.body.code]).toEqual([500, "INTERNAL"]);
    } finally {
      await pool.query("alter table audit_heads drop constraint full_log");
    }
    expect(await get("/v1/audit/root")).toEqual(before);
    const { rows } = await pool.query("select 1 from terminals where payee = $1", [Buffer.from(terminal.payee)]);
    expect(rows).toHaveLength(1);
  });
});

function bytes(text: string): Uint8Array {
  return fromHex(text, 32);
}
