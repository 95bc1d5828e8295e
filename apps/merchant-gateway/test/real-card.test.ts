import { symlinkSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import {
  type Cardhost,
  makeWorkFolder,
  type Pcscd,
  startCardhost,
  startPcscd,
  until,
  type WorkFolder,
} from "@tallystick/stack";
import { encodeCommand, type Reader, withGetResponse, withLengthRetry } from "@tallystick/apdu";
import { getBeacon, selectInstanceCommand } from "@tallystick/card";
import { createGateway, type Gateway } from "../src/app/gateway.ts";
import { openReaders, type OpenedReaders } from "../src/reader/open-reader.ts";
import { type Address, decodePayAnswer, RING_SIZE, toAddress, uncompressKey } from "@tallystick/protocol";
import { readBundles } from "../src/claim/bundle-file.ts";
import { type CollectLine, runCollect } from "../src/claim/collect/run-collect.ts";
import { judgeBundles } from "../src/claim/judge-bundles.ts";
import {
  allowanceBody,
  domain,
  issuer,
  signCertificate,
  signList,
  terminalSigner,
  testSigner,
  TestTerminal,
} from "./harness/test-terminal.ts";
import { connected } from "./harness/connected.ts";
import { personalize } from "./harness/personalize.ts";
import { type RecordedCommand, recordedReader } from "./harness/readers/recorded-reader.ts";

const PRICE = 2_500_000n;
/** Above it the card wants its PIN. */
const PIN_ABOVE = 20_000_000n;
const PIN = [2, 5, 8, 0];
/**
 * Durable writes before PAY: PIN SESSION's key; VERIFY PIN takes a try before it compares and gives
 * the tries back (tear matrix).
 */
const PIN_WRITES = 3;
const DEADLINE_MS = 40_000;
/** A card that lies there is seen within half a second; nobody waits longer for one that does not come. */
const NEXT_CARD_MS = 1_500;

let pcscd: Pcscd;
let folder: WorkFolder;
let opened: OpenedReaders;
let slot: Reader;
let terminal: TestTerminal;
let gateway: Gateway;
let host: Cardhost | null = null;
/** What went over the terminal's reader. */
const commands: RecordedCommand[] = [];
const nowSeconds = Math.floor(Date.now() / 1_000);

function reader(index: number) {
  const found = pcscd.readers[index];
  if (found === undefined) throw new Error(`there is no reader ${index}`);
  return found;
}

async function insert(tear?: { readonly event: number; readonly when: "before" | "after" }): Promise<Cardhost> {
  await host?.stop();
  host = await startCardhost({
    port: reader(0).port,
    state: `${folder.path}/card`,
    ...(tear === undefined ? {} : { tear }),
  });
  return host;
}

/** Waits until the reader shows that the card has left. */
async function cardGone(): Promise<void> {
  await until("The card's leaving", async () => (await slot.status()).card === "absent", DEADLINE_MS);
}

async function take(amount: bigint, pin: readonly number[] | null = null) {
  return await gateway.engine.tap({
    saleId: null,
    pin: pin === null ? null : Uint8Array.from(pin),
    amount,
    domains: gateway.policies.all(),
    waitMs: DEADLINE_MS,
  });
}

/** The short forms of SELECT and PAY (spec §4.4, §4.5). */
const SHORT_FORMS = ["00a40404", "80100001"];

/** One payment, and the commands of its tap; what comes after its answer is left out. */
async function recorded(amount: bigint, pin: readonly number[] | null = null) {
  await gateway.engine.rest();
  commands.length = 0;
  const result = await take(amount, pin);
  const sent = commands.slice(0, result.apdus);
  return { result, headers: sent.map(({ header }) => header), answered: sent.map(({ answered }) => answered) };
}

async function blankCard(target: Reader): Promise<void> {
  const connection = await connected(target, DEADLINE_MS);
  try {
    await personalize(connection, {
      domain,
      issuer,
      pin: PIN,
      body: { ...allowanceBody, pinAbove: PIN_ABOVE, notBefore: nowSeconds - 3_600, notAfter: nowSeconds + 86_400 },
    });
  } finally {
    await connection.disconnect();
  }
}

beforeAll(async () => {
  pcscd = await startPcscd({ readers: 1 });
  symlinkSync(pcscd.socket, process.env["PCSCLITE_CSOCK_NAME"] ?? "");
  folder = makeWorkFolder("terminal-test");
  const lanes = [{ name: "1", reader: reader(0).name, vpcd: null }];
  opened = await openReaders({ lanes, pcscSocket: null });
  slot = opened.of({ name: "1", reader: reader(0).name, vpcd: null });
  terminal = await TestTerminal.make({ lanes }, { list: false });
  terminal.gateway.journal.close();
  gateway = createGateway({
    config: { ...terminal.config, domains: terminal.config.domains },
    signer: terminalSigner,
    readers: { ...opened, of: (lane) => recordedReader(opened.of(lane), commands) },
  });
  const [served] = terminal.config.domains;
  if (served === undefined) throw new Error("the terminal serves no domain");
  expect(
    gateway.lists.offer(served, await signList({ issuedAt: nowSeconds, asOf: nowSeconds }), nowSeconds),
  ).toMatchObject({ ok: true });
  await insert();
  await blankCard(slot);
});

afterAll(async () => {
  await host?.stop();
  gateway.journal.close();
  await opened.close();
  await pcscd.stop();
  terminal.remove();
  folder.remove();
});

describe("a terminal with the real applet over PC/SC", () => {
  it("takes a payment with two commands", async () => {
    const { result, headers } = await recorded(PRICE);
    expect(result).toMatchObject({
      outcome: "accepted",
      counter: 1,
      apdus: 2,
      sw: "9000",
      spentAfter: PRICE,
    });
    expect(headers).toEqual(["00a40400", "80100000"]);
  });

  it("gives the card its newest beacon of the status list to carry, after the sale was answered", async () => {
    await gateway.engine.rest();
    const connection = await connected(slot, DEADLINE_MS);
    try {
      const transmit = withLengthRetry(withGetResponse(connection.transmit));
      await transmit(encodeCommand(selectInstanceCommand(1)));
      const carried = await getBeacon(transmit);
      expect(carried).toMatchObject({ ok: true, value: { head: { seq: 1, asOf: nowSeconds } } });
    } finally {
      await connection.disconnect();
    }
  });

  it("passes on the card's own refusal", async () => {
    expect(await take(allowanceBody.perTap + 1n)).toMatchObject({
      outcome: "refused",
      code: "CARD_PER_TAP",
      sw: "9E04",
    });
  });

  it("says that there is no card, and pays when one is put on while it waits", async () => {
    await host?.stop();
    host = null;
    await cardGone();
    const away = await gateway.engine.tap({ saleId: null, amount: PRICE, domains: gateway.policies.all(), waitMs: 0 });
    expect(away).toMatchObject({ outcome: "refused", code: "CARD_ABSENT" });
    const waiting = take(PRICE);
    await insert();
    expect(await waiting).toMatchObject({ outcome: "accepted", counter: 2 });
  });

  it("asks a card that it has met in the short forms, and keeps what the long ones show", async () => {
    const { result, headers, answered } = await recorded(1n);
    expect(result).toMatchObject({ outcome: "accepted", counter: 3, apdus: 2 });
    expect(headers).toEqual(SHORT_FORMS);
    const [select = 0, pay = 0] = answered;
    expect(select).toBe(69);
    expect(pay).toBeLessThanOrEqual(76);
    const kept = gateway.journal.taps.byId(result.id);
    expect(kept?.intent?.selectAnswer).toHaveLength(234);
    expect(decodePayAnswer(kept?.answer ?? new Uint8Array())).toMatchObject({ counter: 3, spent: result.spentAfter });
  });

  it.each(["before", "after"] as const)(
    "repeats a payment torn %s the card's commit without a second debit",
    async (when) => {
      const before = await take(1n);
      await insert({ event: 1, when });
      const { result: torn, headers } = await recorded(PRICE);
      expect(torn).toMatchObject({ outcome: "unresolved", code: "TAP_TORN" });
      expect(headers).toEqual(SHORT_FORMS);
      const repeated = await take(PRICE);
      expect(repeated).toMatchObject({
        outcome: "accepted",
        id: torn.id,
        counter: torn.counter,
        spentAfter: (before.spentAfter ?? 0n) + PRICE,
      });
      const next = await take(1n);
      expect(next).toMatchObject({
        outcome: "accepted",
        counter: (torn.counter ?? 0) + 1,
        spentBefore: repeated.spentAfter,
        resolved: [],
      });
    },
  );

  it("takes the PIN above the card's limit, and only there", async () => {
    expect(await take(PIN_ABOVE, PIN)).toMatchObject({ outcome: "accepted", apdus: 2 });
    expect(await take(PIN_ABOVE + 1n)).toMatchObject({ outcome: "refused", code: "CARD_PIN_NEEDED", sw: "9E07" });
    expect(await take(PIN_ABOVE + 1n, [1, 1, 1, 1])).toMatchObject({
      outcome: "refused",
      code: "CARD_WRONG_PIN",
      sw: "63C2",
      counter: null,
    });
    const { result, headers } = await recorded(PIN_ABOVE + 1n, PIN);
    expect(result).toMatchObject({ outcome: "accepted", apdus: 4 });
    expect(headers).toEqual(["00a40404", "801a0000", "80200000", "80100001"]);
    expect(await take(PRICE)).toMatchObject({ outcome: "accepted", apdus: 2 });
  });

  it("shows what is left without a PIN, and the card's last payments after it, which pays nothing", async () => {
    const paid = await take(1n);
    const shown = await gateway.engine.balances({ waitMs: DEADLINE_MS });
    if (!shown.ok) throw new Error(shown.code);
    const left = allowanceBody.maxSpent - (paid.spentAfter ?? 0n);
    expect(shown.balances).toMatchObject([{ left, code: null, log: null }]);
    const wrong = await gateway.engine.balances({ waitMs: DEADLINE_MS, pin: Uint8Array.of(1, 1, 1, 1) });
    expect(wrong).toMatchObject({
      ok: true,
      balances: [{ left, log: { ok: false, code: "CARD_WRONG_PIN", sw: "63C2" } }],
    });
    const read = await gateway.engine.balances({ waitMs: DEADLINE_MS, pin: Uint8Array.from(PIN) });
    if (!read.ok || read.balances[0]?.log?.ok !== true) throw new Error("the card shows no payments");
    const { payments } = read.balances[0].log;
    expect(payments[0]).toMatchObject({ counter: paid.counter, amount: 1n, payee: terminal.config.payee });
    expect(payments.map(({ counter }) => counter)).toEqual(payments.map((_, age) => (paid.counter ?? 0) - age));
    // The PIN served the reading alone.
    expect(await take(PIN_ABOVE + 1n)).toMatchObject({ outcome: "refused", code: "CARD_PIN_NEEDED" });
    expect(await take(1n)).toMatchObject({ outcome: "accepted", spentBefore: paid.spentAfter });
  });

  it("repeats a payment with PIN that was torn after the commit, without asking for the PIN again", async () => {
    await insert();
    const before = await take(1n);
    await insert({ event: PIN_WRITES + 1, when: "after" });
    const torn = await take(PIN_ABOVE + 2n, PIN);
    expect(torn).toMatchObject({ outcome: "unresolved", code: "TAP_TORN" });
    expect(await take(PIN_ABOVE + 2n)).toMatchObject({
      outcome: "accepted",
      id: torn.id,
      spentAfter: (before.spentAfter ?? 0n) + PIN_ABOVE + 2n,
    });
  });

  it("leaves nothing open where the card was torn while it checked the PIN", async () => {
    await insert({ event: PIN_WRITES, when: "before" });
    expect(await take(PIN_ABOVE + 4n, PIN)).toMatchObject({
      outcome: "refused",
      code: "TORN",
      counter: null,
      saleOpen: false,
    });
    expect(await take(PIN_ABOVE + 4n, PIN)).toMatchObject({ outcome: "accepted", resolved: [] });
  });

  it("wants the PIN again where a payment with PIN was torn before the commit", async () => {
    await insert({ event: PIN_WRITES + 1, when: "before" });
    const torn = await take(PIN_ABOVE + 3n, PIN);
    expect(torn).toMatchObject({ outcome: "unresolved", code: "TAP_TORN" });
    expect(await take(PIN_ABOVE + 3n, [9, 9, 9, 9])).toMatchObject({
      outcome: "unresolved",
      code: "CARD_WRONG_PIN",
      id: torn.id,
    });
    expect(await take(PIN_ABOVE + 3n, PIN)).toMatchObject({ outcome: "accepted", id: torn.id });
  });

  it("recovers when the card service was restarted", async () => {
    await host?.stop();
    await pcscd.restart();
    await insert();
    expect(await take(PRICE)).toMatchObject({ outcome: "accepted" });
  });

  it("reads for another terminal of its payee what the card still holds, and for another payee nothing", async () => {
    const paid = await take(PRICE);
    await gateway.engine.rest();
    const box = testSigner("a new box");
    const certified = { terminalId: new Uint8Array(8).fill(7), terminalKey: uncompressKey(box.publicKey) };
    const [served] = terminal.config.domains;
    if (served === undefined) throw new Error("the terminal serves no domain");
    const file = `${folder.path}/collected`;
    const collect = async (payee: Address, to: string): Promise<CollectLine[]> => {
      const certificate = await signCertificate({ ...certified, payee });
      const collector = { domains: [{ ...served, certificate }], payee, signer: box };
      const lines: CollectLine[] = [];
      const { connect, waitForCard } = slot;
      let waits = 0;
      const reader = {
        connect: connect.bind(slot),
        waitForCard: async (options: { readonly timeoutMs: number }) =>
          await waitForCard.call(slot, { timeoutMs: (waits += 1) === 1 ? options.timeoutMs : 0 }),
        // The reader shows a card for a moment longer than it is there.
        waitForRemoval: async () => {
          await host?.stop();
          await cardGone();
        },
      };
      await runCollect({ collector, reader, file: to, waitMs: NEXT_CARD_MS }, (line) => lines.push(line));
      await insert();
      return lines;
    };
    const lines = await collect(terminal.config.payee, file);
    expect(lines.map(({ event }) => event)).toEqual(["card", "done"]);
    expect(lines[0]?.payments).toBe(Math.min(paid.counter ?? 0, RING_SIZE));
    const { byDomain, refused } = judgeBundles(readBundles(file), terminal.config.domains);
    expect(refused).toEqual([]);
    const collected = byDomain.flatMap(({ bundles }) => bundles);
    expect(collected).toHaveLength(lines[1]?.payments ?? -1);
    const newest = collected.find(({ message }) => message.counter === paid.counter);
    expect(newest).toMatchObject({ message: { amount: PRICE }, context: { terminalId: terminal.config.terminalId } });
    const others = await collect(toAddress(new Uint8Array(20).fill(9)), `${file}-2`);
    expect(others.map(({ event, payments }) => [event, payments])).toEqual([
      ["card", 0],
      ["done", 0],
    ]);
  });
});
