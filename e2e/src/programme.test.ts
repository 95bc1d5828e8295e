import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "@jest/globals";
import {
  createCard,
  httpClient,
  poll,
  rehearseProgramme,
  runCommand,
  startApp,
  unlessAway,
  type ReconciliationAnswer,
  type Rehearsal,
  type TapAnswer,
} from "@tallystick/demo";
import { VOUCHER_BUNDLE_LENGTH } from "@tallystick/protocol";
import { projectRoot, startPcscd } from "@tallystick/stack";

const KILLED_AFTER = ["keys", "tokens", "The transaction (the first transfer)", "fund", "final-tap"];
let rehearsal: Rehearsal;

beforeAll(async () => {
  rehearsal = await rehearseProgramme({ say: () => undefined, killAfter: KILLED_AFTER });
});
afterAll(async () => {
  await rehearsal?.stop();
});

it("makes a programme from nothing in one command, killed at any step: one vault, one set of keys, one payment", async () => {
  const { events, done, folder } = rehearsal;
  const told = (step: string): Set<unknown> =>
    new Set(events.filter((event) => event["step"] === step && event["event"] === "step").map(({ detail }) => detail));
  expect([told("keys").size, told("vault").size, told("token").size, told("record").size]).toEqual([1, 1, 1, 1]);
  expect(events.filter(({ event, step }) => event === "step" && step === "keys")).toHaveLength(KILLED_AFTER.length + 1);
  const written = readFileSync(join(folder, "programme.md"), "utf8");
  for (const value of [done["card"], done["voucherId"]]) expect(written).toContain(String(value));
});

it("leaves books that agree with the chain, and one card that paid one unit", async () => {
  const operator = JSON.parse(readFileSync(join(rehearsal.folder, "settlement.json"), "utf8")) as {
    administration: { listen: { port: number } };
    tokens: { token: string; role: string }[];
  };
  const token = operator.tokens.find(({ role }) => role === "operator")?.token ?? "";
  const http = httpClient(`http://127.0.0.1:${operator.administration.listen.port}`, token);
  // A sum is shared by those who ask meanwhile, and may be of before the last payment.
  const books = await poll({
    what: "the books of now",
    ask: async () => await unlessAway(() => http.get<ReconciliationAnswer>("/v1/reconciliation")),
    until: (seen) => [seen?.ledgerDifference, seen?.chain.guarantee, seen?.chain.owed].join() === "0,50.00,0.000001",
    deadlineMs: 120_000,
  });
  expect(books?.chain).toEqual(books?.ledger);
});

it("shows how it stands: the vault by its code, keys by check value, and a float that is the books' own", async () => {
  const program = join(projectRoot(), "apps/card-personalizer/bin/tallystick-issuer.mjs");
  const { folder } = rehearsal;
  const args = ["programme", "show", "--folder", folder, "--json"];
  const shown = await runCommand({ program, args, folder, name: "show" });
  expect([shown.code, shown.lines]).toEqual([
    0,
    [
      expect.objectContaining({
        vault: expect.stringMatching(new RegExp(`^${String(rehearsal.done["vault"])}$`, "i")),
        float: expect.objectContaining({ deposits: "0.000001", spent: "0.000001", liability: "0.00" }),
      }),
    ],
  ]);
});

it("writes a configuration with which the first terminal starts, certified", async () => {
  const program = join(projectRoot(), "apps/merchant-gateway/bin/tallystick-gateway.mjs");
  const { folder } = rehearsal;
  const args = ["check-config", "--config", join(folder, "gateway.json"), "--json"];
  const { lines } = await runCommand({ program, args, folder, name: "gateway" });
  const results = new Map(lines.map(({ check, result }) => [check, result]));
  expect(["terminal key", "certificates", "settlement 0", "node 0"].map((name) => results.get(name))).toEqual([
    ...["ok", "ok", "ok", "ok"],
  ]);
});

it("does nothing when it is run again, and refuses other answers", async () => {
  const { folder } = rehearsal;
  const program = join(projectRoot(), "apps/card-personalizer/bin/tallystick-issuer.mjs");
  const again = async (changes: object) => {
    const answers = JSON.parse(readFileSync(join(folder, "programme.json"), "utf8")) as object;
    writeFileSync(join(folder, "other.json"), JSON.stringify({ ...answers, ...changes }));
    const args = ["programme", "init", "--config", join(folder, "other.json"), "--json"];
    return await runCommand({ program, args, folder, name: `again-${Object.keys(changes).length}` });
  };
  const same = await again({});
  expect([same.code, same.lines.at(-1)?.["card"]]).toEqual([0, rehearsal.done["card"]]);
  expect(same.lines.some(({ event }) => event === "waiting")).toBe(false);
  expect((await again({ asset: { code: "OTHER", decimals: 6, scale: 1 } })).code).toBe(2);
});

/** Settlement for the issuer, and what configures the first terminal. */
function issuerAndFirstTerminal() {
  const { folder } = rehearsal;
  const read = (name: string) => JSON.parse(readFileSync(join(folder, name), "utf8")) as Record<string, unknown>;
  const { administration, tokens } = read("settlement.json") as {
    administration: { listen: { port: number } };
    tokens: { token: string; role: string }[];
  };
  const issuer = httpClient(
    `http://127.0.0.1:${administration.listen.port}`,
    tokens.find(({ role }) => role === "issuer")?.token ?? "",
  );
  return { issuer, lost: read("gateway.json") as { terminalId: string; payee: string; settlementUrl: string } };
}

/** The issuer withdraws the first terminal's certificate: at its next exchange it sells nothing more, and says why. */
async function withdrawTheFirstTerminal(http: ReturnType<typeof httpClient>): Promise<void> {
  const { issuer, lost } = issuerAndFirstTerminal();
  expect(await http.get("/v1/readiness")).toMatchObject({ ready: true });
  await issuer.post(`/v1/merchants/${lost.payee.toLowerCase()}/terminals/${lost.terminalId}/withdrawal`, {
    reason: "It was stolen.",
  });
  const exchanged = await http.post<{ faults: unknown[] }>("/v1/sync", {});
  expect(exchanged.faults).toEqual([]);
  const reasons = [expect.objectContaining({ code: "CERTIFICATE_WITHDRAWN" })];
  expect(await http.get("/v1/readiness")).toMatchObject({ ready: false, reasons });
  expect(await http.post<TapAnswer>("/v1/taps", { saleId: "R-later", amount: "1.00" })).toMatchObject({
    ...{ outcome: "refused", code: "CERTIFICATE_WITHDRAWN" },
  });
}

/** The first terminal is lost with all that it kept: a new box joins, lists its sales, and reads them from the card. */
async function loseTheFirstTerminal(
  place: { readonly reader: string; readonly pcscSocket: string },
  takeCardAway: () => Promise<void>,
): Promise<void> {
  const { folder } = rehearsal;
  const { issuer, lost } = issuerAndFirstTerminal();
  const box = { journal: "new-box.db", journalWitness: "new-box.witness", terminalId: `0x${"2b".repeat(8)}` };
  const files = { terminalKeyFile: "new-box.key.json", certificateFile: "new-box.certificate.json" };
  const config = join(folder, "new-box.json");
  writeFileSync(config, JSON.stringify({ ...lost, ...place, ...box, ...files }));
  const program = join(projectRoot(), "apps/merchant-gateway/bin/tallystick-gateway.mjs");
  const run = async (name: string, ...args: readonly string[]) =>
    await runCommand({ program, args: [...args, "--config", config, "--json"], folder, name });
  // Stopped while it waits, the same command goes on with the digits that were compared.
  const enroll = ["enroll", "--send", lost.settlementUrl, "--wait", "0"];
  const asked = await run("asked", ...enroll);
  const [{ digits, payee, qr } = {}] = asked.lines;
  expect([asked.code, typeof qr]).toEqual([8, "string"]);
  const { requests } = await issuer.get<{ requests: { id: string; state: string }[] }>(
    `/v1/certificate-requests?digits=${String(digits)}`,
  );
  expect(requests).toEqual([
    expect.objectContaining({ payee, state: "waiting", knownPayee: true, knownTerminal: false }),
  ]);
  const now = Math.floor(Date.now() / 1_000);
  await issuer.post(`/v1/certificate-requests/${requests[0]?.id ?? ""}/approval`, {
    ...{ digits, payee, notBefore: now - 3_600, notAfter: now + 86_400, perTap: "10.00", unsentSum: "100.00" },
    ...{ unsentCount: 100, perCardSum: "50.00", softwareSum: "0", reason: "Read back by phone." },
  });
  const joined = await run("joined", ...enroll);
  expect([joined.code, joined.lines.at(-1)]).toEqual([
    0,
    expect.objectContaining({ schema: "tallystick.certificate/1", payee, terminalId: box.terminalId, perTap: "10.00" }),
  ]);

  const taken = await run("taken", "take-over");
  expect([taken.code, taken.lines]).toEqual([
    0,
    [expect.objectContaining({ terminalId: lost.terminalId, count: 1, amount: "2.00" })],
  ]);
  const bundles = join(folder, "found.bundles");
  const collecting = run("found", "collect", bundles, "--wait", "2");
  const isRead = (): boolean => existsSync(bundles) && readFileSync(bundles).length >= VOUCHER_BUNDLE_LENGTH;
  await poll({ what: "the card's payments", ask: () => Promise.resolve(isRead()), until: Boolean, deadlineMs: 30_000 });
  await takeCardAway();
  const found = await collecting;
  expect([found.code, found.lines.at(-1)]).toEqual([0, expect.objectContaining({ event: "done", payments: 1 })]);
}

it("makes a card in one visit, and the terminal that it configured gives the card its money at its first tap", async () => {
  const { folder } = rehearsal;
  const programOf = (app: string, name: string): string => join(projectRoot(), "apps", app, "bin", `${name}.mjs`);
  const change = (name: string, changes: object): string => {
    const file = join(folder, name);
    writeFileSync(file, JSON.stringify({ ...(JSON.parse(readFileSync(file, "utf8")) as object), ...changes }));
    return file;
  };
  const pcscd = await startPcscd({ readers: 1 });
  const [reader] = pcscd.readers;
  if (reader === undefined) throw new Error("the daemon has no reader");
  const place = { reader: reader.name, pcscSocket: pcscd.socket };
  const slot = { ...place, name: reader.name, cardhost: { port: reader.port, listen: false }, vpcd: null };
  const card = createCard(folder, "card-of-an-order");
  await card.insert(slot);
  try {
    const order = join(folder, "order.csv");
    writeFileSync(order, "reference,fund,pin\nC-0012,5.00,yes\n");
    const config = change("issuer.json", place);
    const program = programOf("card-personalizer", "tallystick-issuer");
    const args = ["issue", order, "--config", config, "--json"];
    const issued = await runCommand({ program, args, folder, name: "order" });
    const made = issued.lines.find(({ event }) => event === "made");
    expect([issued.code, made?.["visits"]]).toEqual([0, "one"]);
    expect(issued.lines.find(({ event }) => event === "report")).toMatchObject({ sent: true });
    // Its deposit is in the vault, and the allowance that it was given has nothing to spend.
    const out = join(folder, "order.report");
    const reporting = ["report", order, "--config", config, "--out", out, "--json"];
    const reported = await runCommand({ program, args: reporting, folder, name: "report" });
    expect([reported.code, reported.lines[0]]).toEqual([
      0,
      expect.objectContaining({ cards: 1, ready: 1, deposited: "5.00" }),
    ]);
    expect(reported.lines[1]).toMatchObject({ sent: true });
    const { rpcUrl } = JSON.parse(readFileSync(join(folder, "programme.json"), "utf8")) as { rpcUrl: string };
    const verifying = ["report", "verify", out, "--config", config, "--rpc-url", rpcUrl, "--json"];
    const verified = await runCommand({ program, args: verifying, folder, name: "verify" });
    expect([verified.code, verified.lines[0]]).toEqual([
      0,
      expect.objectContaining({ onChain: { deposits: 1, payers: [expect.stringMatching(/^0x[0-9a-f]{40}$/)] } }),
    ]);
    expect(JSON.parse(readFileSync(out, "utf8").split("\n")[1] ?? "")).toMatchObject({
      ...{ reference: "C-0012", seen: "configuration", limits: { maxSpent: "0.00" } },
    });

    // It goes from the station to the counter.
    await card.remove();
    await card.insert(slot);
    const gateway = await startApp({
      program: programOf("merchant-gateway", "tallystick-gateway"),
      configFile: change("gateway.json", { ...place, clock: { batteryBacked: true } }),
      ...{ folder, name: "first-terminal" },
    });
    try {
      const http = httpClient(gateway.url);
      let sale = 0;
      const paid = await poll({
        what: "the first payment",
        ask: async () => {
          await http.post("/v1/sync", {});
          return await http.post<TapAnswer>("/v1/taps", { saleId: `R-${(sale += 1)}`, amount: "2.00" });
        },
        until: ({ outcome }) => outcome === "accepted",
        deadlineMs: 60_000,
      });
      expect([paid.update?.added, paid.spentAfter]).toEqual(["5.00", "2.00"]);
      await http.post("/v1/sync", {});
      await withdrawTheFirstTerminal(http);
    } finally {
      await gateway.process.stop();
    }
    await loseTheFirstTerminal(place, async () => {
      await card.remove();
    });
  } finally {
    await card.remove();
    await pcscd.stop();
  }
});
