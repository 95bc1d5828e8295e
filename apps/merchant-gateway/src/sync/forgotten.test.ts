import { afterEach, describe, expect, it } from "@jest/globals";
import { decodeUpload, digestOf, encodeUpload, fromHex, journalHead, toAddress, toHex } from "@tallystick/protocol";
import type { UploadResponse } from "@tallystick/protocol/wire";
import { LineSettlement } from "../../test/harness/line/line-settlement.ts";
import { createTestApp } from "../../test/harness/test-app.ts";
import {
  domain,
  payee,
  terminalId,
  terminalSigner,
  testSigner,
  TestTerminal,
} from "../../test/harness/test-terminal.ts";
import { Exchange, type ExchangeReport } from "./exchange.ts";
import { Uploader } from "./uploader.ts";

const terminals: TestTerminal[] = [];

afterEach(() => {
  for (const terminal of terminals.splice(0)) terminal.remove();
});

/** Somebody starts it once with the flag that accepts the loss. */
async function accept(terminal: TestTerminal): Promise<void> {
  await terminal.gateway.engine.rest();
  terminal.restart({ acceptRestoredJournal: true });
}

/** A terminal that has sent as many uploads, each with one voucher. */
async function make(uploads: number) {
  const terminal = await TestTerminal.make();
  terminals.push(terminal);
  terminal.reader.card = await terminal.card();
  const settlement = new LineSettlement();
  const run = async (): Promise<ExchangeReport> => {
    const { gateway } = terminal;
    const uploader = new Uploader({ ...gateway, config: terminal.config, signer: terminalSigner });
    return await new Exchange({ ...gateway, uploader, settlementOf: () => settlement }).run();
  };
  for (let count = 0; count < uploads; count += 1) {
    await terminal.tap(1n);
    await run();
  }
  return { terminal, settlement, run };
}

async function readiness({ gateway }: TestTerminal) {
  const { app, close } = await createTestApp({
    ...gateway,
    journal: Object.create(gateway.journal, { close: { value: () => undefined } }),
  });
  const { payload } = await app.inject({ url: "/v1/readiness", headers: { host: "localhost" } });
  await close();
  const { ready, reasons } = JSON.parse(payload) as { ready: boolean; reasons: { code: string }[] };
  return { ready, codes: reasons.map(({ code }) => code) };
}

describe("a terminal that has lost its journal and the witness of it", () => {
  it("sells until settlement shows what it signed before, and then nothing more", async () => {
    const { terminal, settlement, run } = await make(3);
    await terminal.loseJournal();
    expect(await terminal.tap(1n)).toMatchObject({ outcome: "accepted" });
    expect(await run()).toMatchObject({ uploaded: { new: 1 }, faults: [] });
    expect(await terminal.tap(1n)).toMatchObject({ outcome: "refused", code: "JOURNAL_FORGOTTEN" });
    expect(await readiness(terminal)).toMatchObject({ ready: false, codes: ["JOURNAL_FORGOTTEN"] });
    // Also after a restart, whatever settlement says then, and what is unsent is sent all the same.
    terminal.restart();
    expect(await terminal.tap(1n)).toMatchObject({ code: "JOURNAL_FORGOTTEN" });
    expect(settlement.arrived).toHaveLength(4);
  });

  it("learns it by its very first upload, which asks for the time alone", async () => {
    const { terminal, run } = await make(1);
    await terminal.loseJournal();
    await run();
    expect(await terminal.tap(1n)).toMatchObject({ code: "JOURNAL_FORGOTTEN" });
  });

  it("goes on behind the lost uploads once a person has accepted that they are lost", async () => {
    const { terminal, settlement, run } = await make(3);
    await terminal.loseJournal();
    await run();
    await accept(terminal);
    expect(await readiness(terminal)).toMatchObject({ ready: true, codes: [] });
    expect(await terminal.tap(1n)).toMatchObject({ outcome: "accepted" });
    settlement.breaks.length = 0;
    await run();
    expect([...settlement.bySeq.keys()].sort()).toEqual([1, 2, 3, 4]);
    expect(settlement.breaks).toEqual([]);
    await terminal.gateway.engine.rest();
    terminal.restart();
    expect(await terminal.tap(1n)).toMatchObject({ outcome: "accepted" });
    await run();
    expect(settlement.breaks).toEqual([]);
  });

  it("stops again where another one goes on sending under its id", async () => {
    const { terminal, settlement, run } = await make(2);
    await terminal.loseJournal();
    await run();
    await accept(terminal);
    await terminal.tap(1n);
    await run();
    const honest = settlement.upload.bind(settlement);
    const foreign = await signed({ uploadSeq: 9 });
    settlement.upload = async (request) => ({ ...(await honest(request)), ...foreign });
    await terminal.tap(1n);
    await run();
    expect(await terminal.tap(1n)).toMatchObject({ code: "JOURNAL_FORGOTTEN" });
  });

  it("also where an older copy was put back without its witness", async () => {
    const { terminal, settlement, run } = await make(1);
    const later = await signed({ uploadSeq: 2 });
    const honest = settlement.upload.bind(settlement);
    settlement.upload = async (request) => ({ ...(await honest(request)), ...later });
    await terminal.tap(1n);
    await run();
    expect(await terminal.tap(1n)).toMatchObject({ code: "JOURNAL_FORGOTTEN" });
  });
});

/** An upload as settlement would show it. */
async function signed(changes: object, signer = terminalSigner): Promise<Partial<UploadResponse>> {
  const head = encodeUpload({
    ...{ domain, payee, terminalId, uploadSeq: 7 },
    ...{ previousJournalHead: new Uint8Array(32).fill(1), bodyHash: new Uint8Array(32).fill(2) },
    ...changes,
  });
  return { latestUpload: toHex(head), latestUploadSignature: toHex(await signer.sign(digestOf(head))) };
}

describe("an upload that settlement shows", () => {
  it.each<[string, () => Promise<Partial<UploadResponse>>]>([
    ["another key signed", () => signed({}, testSigner("somebody"))],
    ["is of another terminal", () => signed({ terminalId: new Uint8Array(8).fill(9) })],
    ["is of another payee", () => signed({ payee: toAddress(new Uint8Array(20).fill(9)) })],
    ["is of another domain", () => signed({ domain: { ...domain, chainId: 1n } })],
    ["nobody can read", () => signed({}).then((made) => ({ ...made, latestUpload: `0x${"00".repeat(128)}` }))],
    ["came without its signature", () => signed({}).then(({ latestUpload }) => ({ latestUpload }))],
  ])("says nothing where it %s", async (_, shown) => {
    const { terminal, settlement, run } = await make(0);
    const honest = settlement.upload.bind(settlement);
    const latest = await shown();
    settlement.upload = async (request) => ({ ...(await honest(request)), ...latest });
    await terminal.tap(1n);
    expect(await run()).toMatchObject({ uploaded: { new: 1 }, faults: [] });
    expect(await terminal.tap(1n)).toMatchObject({ outcome: "accepted" });
  });

  it("says nothing where it is one of this journal", async () => {
    const { terminal, settlement, run } = await make(2);
    const { journal } = terminal.gateway;
    const [served] = terminal.config.domains;
    const last = journal.uploads.last(served?.domainBytes ?? new Uint8Array(0));
    if (last === null) throw new Error("nothing was sent");
    const honest = settlement.upload.bind(settlement);
    settlement.upload = async (request) => ({
      ...(await honest(request)),
      ...{ latestUpload: toHex(last.head), latestUploadSignature: toHex(last.signature) },
    });
    await terminal.tap(1n);
    await run();
    expect(await terminal.tap(1n)).toMatchObject({ outcome: "accepted" });
    const next = journal.uploads.last(served?.domainBytes ?? new Uint8Array(0));
    expect(decodeUpload(next?.head ?? new Uint8Array(0)).previousJournalHead).toEqual(
      journalHead(decodeUpload(fromHex(toHex(last.head)))),
    );
  });
});
