import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "@jest/globals";
import {
  addressOfKey,
  decodeUploadBody,
  decodeVoucherBundle,
  digestOf,
  fromHex,
  type Receipt,
  toAddress,
  toHex,
  voucherId,
} from "@tallystick/protocol";
import type { UploadRequest, UploadResponse } from "@tallystick/protocol/wire";
import { signReceipt } from "../../test/harness/receipts.ts";
import { DAY, signList, START, terminalSigner, testSigner, TestTerminal } from "../../test/harness/test-terminal.ts";
import { CHALLENGE_PAUSE_SECONDS, LIVE_ANSWER_PERIOD_SECONDS } from "../limits.ts";
import { Exchange, type ExchangeReport } from "./exchange.ts";
import { SettlementError, type SettlementPort } from "./settlement-client.ts";
import { Uploader } from "./uploader.ts";

/** A settlement with the right time and the issuer's key. */
class Settlement implements SettlementPort {
  readonly authenticated = true;
  readonly uploads: UploadRequest[] = [];
  readonly terminal: TestTerminal;
  away = false;
  /** Seconds until it answers. */
  delay = 0;
  /** Changes an answer on its way. */
  change: (answer: UploadResponse, request: UploadRequest) => Promise<UploadResponse> | UploadResponse = (answer) =>
    answer;

  constructor(terminal: TestTerminal) {
    this.terminal = terminal;
  }

  async upload(request: UploadRequest): Promise<UploadResponse> {
    if (this.away) throw new SettlementError("SETTLEMENT_UNREACHABLE", "no line");
    this.uploads.push(request);
    const results = decodeUploadBody(fromHex(request.body))
      .entries.filter(({ kind }) => kind === 1)
      .map(({ data }) => {
        const { cardKey, message } = decodeVoucherBundle(data);
        return { voucherId: toHex(voucherId(addressOfKey(cardKey), message)), status: "new" as const, code: null };
      });
    const signed = await signReceipt(request, this.terminal.time);
    this.terminal.now += this.delay;
    return await this.change({ results, ...signed }, request);
  }

  async statusList() {
    if (this.away) throw new SettlementError("SETTLEMENT_UNREACHABLE", "no line");
    return await signList({
      issuedAt: Math.max(START, this.terminal.time - 300),
      asOf: Math.max(START, this.terminal.time - 300) - 60,
      seq: this.terminal.time - START + 2,
    });
  }

  vouchers(): Promise<null> {
    return Promise.resolve(null);
  }
}

const terminals: TestTerminal[] = [];
let folder: string | null = null;

afterEach(() => {
  for (const terminal of terminals.splice(0)) terminal.remove();
  if (folder !== null) rmSync(folder, { recursive: true });
  folder = null;
});

async function make(...options: Parameters<typeof TestTerminal.make>) {
  const terminal = await TestTerminal.make(...options);
  terminals.push(terminal);
  terminal.reader.card = await terminal.card();
  const settlement = new Settlement(terminal);
  const run = async (): Promise<ExchangeReport> => {
    const { gateway } = terminal;
    const uploader = new Uploader({ ...gateway, config: terminal.config, signer: terminalSigner });
    return await new Exchange({ ...gateway, uploader, settlementOf: () => settlement }).run();
  };
  const domainBytes = terminal.config.domains[0]?.domainBytes ?? new Uint8Array(28);
  const receipt = (seq: number) => terminal.gateway.journal.receipts.of(domainBytes, seq);
  return { terminal, settlement, run, receipt, domainBytes };
}

/** A terminal whose clock its system has set by network time, rightly or not. */
async function makeOnNetworkTime() {
  folder = mkdtempSync(join(tmpdir(), "tallystick-clock-"));
  const synchronizedFile = join(folder, "synchronized");
  writeFileSync(synchronizedFile, "");
  return await make({ batteryBacked: false, synchronizedFile });
}

const price = 1_000_000n;

describe("a receipt", () => {
  it("is kept with its upload, goes along when that is sent again, and is a live answer", async () => {
    const { terminal, settlement, run, receipt } = await make({ batteryBacked: false });
    await run();
    const [question] = settlement.uploads;
    expect(decodeUploadBody(fromHex(question?.body)).entries.map(({ kind }) => kind)).toEqual([4]);
    expect(receipt(1)).toMatchObject({ receivedAt: START });
    expect(await terminal.tap(price)).toMatchObject({ outcome: "accepted" });
    await run();
    expect(decodeUploadBody(fromHex(settlement.uploads[1]?.body)).entries.map(({ kind }) => kind)).toEqual([1, 4]);
    const { gateway } = terminal;
    const uploader = new Uploader({ ...gateway, config: terminal.config, signer: terminalSigner });
    await new Exchange({ ...gateway, uploader, settlementOf: () => settlement }).run({ again: true });
    const held = receipt(2);
    expect(settlement.uploads[2]).toEqual({
      ...settlement.uploads[1],
      receipt: toHex(held?.receipt ?? new Uint8Array()),
      receiptSignature: toHex(held?.signature ?? new Uint8Array()),
    });
  });

  it("draws another challenge for each upload", async () => {
    const { terminal, settlement, run } = await make();
    await run();
    terminal.now += LIVE_ANSWER_PERIOD_SECONDS;
    await run();
    const challenges = settlement.uploads.map(({ body }) => body);
    expect([challenges.length, new Set(challenges).size]).toEqual([2, 2]);
  });

  it.each<[string, Partial<Receipt>]>([
    ["another chain", { domain: { chainId: 1n, vault: toAddress(new Uint8Array(20).fill(0x51)) } }],
    ["another vault", { domain: { chainId: 31_337n, vault: toAddress(new Uint8Array(20).fill(0x52)) } }],
    ["another payee", { payee: toAddress(new Uint8Array(20).fill(3)) }],
    ["another terminal", { terminalId: new Uint8Array(8).fill(3) }],
    ["another number", { uploadSeq: 2 }],
    ["another upload", { uploadHash: digestOf(Uint8Array.of(1)) }],
    ["a key that is not pinned", { issuerKeyId: 2 }],
  ])("of %s is none: nothing of the answer is taken", async (_, changes) => {
    const { terminal, settlement, run, receipt } = await make({ batteryBacked: false });
    settlement.change = async (answer, request) => ({
      ...answer,
      ...(await signReceipt(request, terminal.time, { changes })),
    });
    expect((await run()).faults).toMatchObject([{ code: "SETTLEMENT_ANSWER_UNREADABLE" }]);
    expect([receipt(1), terminal.clock.confirmation()]).toEqual([null, null]);
    settlement.change = (answer) => answer;
    expect((await run()).faults).toEqual([]);
    expect(receipt(1)).not.toBeNull();
  });

  it.each<[string, (members: { receipt: string; receiptSignature: string }) => Partial<UploadResponse>]>([
    ["without its signature", ({ receipt }) => ({ receipt, receiptSignature: undefined })],
    [
      "with a changed time",
      ({ receipt }) => ({ receipt: `${receipt.slice(0, -2)}${receipt.endsWith("00") ? "01" : "00"}` }),
    ],
    ["that is cut", ({ receipt }) => ({ receipt: receipt.slice(0, -2) })],
    ["with another tag", ({ receipt }) => ({ receipt: receipt.replace("0x544c5952", "0x544c5955") })],
  ])("%s is none", async (_, change) => {
    const { settlement, run, receipt, terminal } = await make({ batteryBacked: false });
    settlement.change = ({ receipt: shown = "0x", receiptSignature = "0x", results }) => ({
      ...{ results, receipt: shown, receiptSignature },
      ...change({ receipt: shown, receiptSignature }),
    });
    expect((await run()).faults).toMatchObject([{ code: "SETTLEMENT_ANSWER_UNREADABLE" }]);
    expect([receipt(1), terminal.clock.confirmation()]).toEqual([null, null]);
  });

  it("by another key under the pinned id is none", async () => {
    const { settlement, run, receipt, terminal } = await make({ batteryBacked: false });
    settlement.change = async (answer, request) => ({
      ...answer,
      ...(await signReceipt(request, terminal.time, { signer: testSigner("nobody pinned") })),
    });
    expect((await run()).faults).toMatchObject([{ code: "SETTLEMENT_ANSWER_UNREADABLE" }]);
    expect([receipt(1), terminal.clock.confirmation()]).toEqual([null, null]);
  });

  it("in a refusal is kept and live, because the bytes arrived", async () => {
    const { settlement, run, receipt, terminal } = await make({ batteryBacked: false });
    settlement.change = ({ receipt: shown, receiptSignature }) => {
      const members = { receipt: shown, receiptSignature };
      throw new SettlementError("SETTLEMENT_REFUSED", "no", {
        status: 400,
        refusal: "MALFORMED_UPLOAD",
        receipt: members,
      });
    };
    expect((await run()).faults).toMatchObject([{ code: "MALFORMED_UPLOAD" }]);
    expect(receipt(1)).toMatchObject({ receivedAt: START });
    expect(terminal.clock.confirmation()).toBe("settlement");
  });

  it("that is missing leaves the upload answered and the clock as it was", async () => {
    const { settlement, run, receipt, terminal } = await make({ batteryBacked: false });
    settlement.change = ({ results }) => ({ results });
    expect((await run()).faults).toEqual([]);
    expect([receipt(1), terminal.clock.confirmation()]).toEqual([null, null]);
    // The question is not repeated at every exchange.
    await run();
    expect(settlement.uploads).toHaveLength(1);
    terminal.now += CHALLENGE_PAUSE_SECONDS;
    await run();
    expect(settlement.uploads).toHaveLength(2);
  });
});

describe("an answer", () => {
  it.each([
    [60, "settlement"],
    [61, null],
  ])("that comes %i s after the first sending confirms by %p", async (delay, by) => {
    const { settlement, run, terminal, receipt } = await make({ batteryBacked: false });
    settlement.delay = delay;
    await run();
    expect(receipt(1)).toMatchObject({ receivedAt: START });
    expect(terminal.clock.confirmation()).toBe(by);
  });

  it("is counted from the first sending, however often the upload is sent", async () => {
    const { settlement, run, terminal, receipt } = await make({ batteryBacked: false });
    const honest = settlement.change;
    settlement.change = () => {
      throw new SettlementError("SETTLEMENT_UNREACHABLE", "the line was lost");
    };
    await run();
    settlement.change = honest;
    terminal.now += 61;
    await run();
    expect(receipt(1)).not.toBeNull();
    // The first upload's answer came too late; another question was asked at once.
    expect(settlement.uploads).toHaveLength(3);
    expect([terminal.clock.confirmation(), terminal.clock.rightTime()]).toEqual(["settlement", terminal.time]);
  });

  it("to a challenge of an earlier run confirms nothing", async () => {
    const { settlement, run, terminal, receipt } = await make({ batteryBacked: false });
    const honest = settlement.change;
    settlement.change = () => {
      throw new SettlementError("SETTLEMENT_UNREACHABLE", "the line was lost");
    };
    await run();
    terminal.restart();
    let answered = 0;
    settlement.change = (answer) => {
      answered += 1;
      if (answered > 1) throw new SettlementError("SETTLEMENT_UNREACHABLE", "the line was lost");
      return honest(answer, settlement.uploads[0] as UploadRequest);
    };
    await run();
    expect(settlement.uploads[1]).toEqual(settlement.uploads[0]);
    expect([receipt(1) === null, terminal.clock.confirmation()]).toEqual([false, null]);
  });

  it("to an earlier upload confirms nothing, when somebody replays it", async () => {
    const { settlement, run, terminal } = await make({ batteryBacked: false });
    let first: UploadResponse | null = null;
    settlement.change = (answer) => (first = answer);
    await run();
    terminal.restart();
    terminal.now += 3 * DAY;
    settlement.change = () => first ?? { results: [] };
    expect((await run()).faults).toMatchObject([{ code: "SETTLEMENT_ANSWER_UNREADABLE" }]);
    expect(terminal.clock.confirmation()).toBeNull();
  });
});

describe("a clock that network time has set wrongly", () => {
  it.each([
    [300, null],
    [301, "CLOCK_AHEAD"],
    [3 * DAY, "CLOCK_AHEAD"],
    [-300, null],
  ])("by %i s is found by the next exchange: %p", async (ahead, code) => {
    const { terminal, run } = await makeOnNetworkTime();
    terminal.now += 400;
    terminal.setAhead(ahead);
    await run();
    expect(terminal.clock.fault()).toBe(code);
    expect(await terminal.tap(price)).toMatchObject(
      code === null ? { outcome: "accepted" } : { outcome: "refused", code },
    );
  });

  it("far ahead for a while, then right, sells again after the next exchange (floor raised meanwhile)", async () => {
    const { terminal, settlement, run } = await makeOnNetworkTime();
    settlement.away = true;
    await terminal.offerList({ seq: 2 });
    terminal.setAhead(400 * DAY);
    // A minute's entry of the journal: no live answer says that this is wrong.
    terminal.gateway.journal.write(() => {
      terminal.clock.raiseFloor();
    });
    expect(terminal.clock.floor()).toBe(START + 400 * DAY);
    terminal.setAhead(0);
    terminal.now += 80;
    expect(await terminal.tap(price)).toMatchObject({ outcome: "refused", code: "CLOCK_BELOW_FLOOR" });
    terminal.restart();
    expect(terminal.clock.floor()).toBe(START + 400 * DAY);
    settlement.away = false;
    await run();
    expect([terminal.clock.floor(), terminal.clock.fault()]).toEqual([START + 80 - 300, null]);
    expect(await terminal.tap(price)).toMatchObject({ outcome: "accepted" });
  });

  it("far ahead with the line there sells nothing, raises no floor, and heals when it is set", async () => {
    const { terminal, run } = await makeOnNetworkTime();
    terminal.setAhead(400 * DAY);
    await run();
    expect([terminal.clock.fault(), terminal.clock.rightTime()]).toEqual(["CLOCK_AHEAD", START]);
    expect(await terminal.tap(price)).toMatchObject({ outcome: "refused", code: "CLOCK_AHEAD" });
    terminal.gateway.journal.write(() => {
      terminal.clock.raiseFloor();
    });
    terminal.now += 80;
    terminal.setAhead(0);
    expect(await terminal.tap(price)).toMatchObject({ outcome: "accepted" });
  });

  it("takes no list from the future of a clock that is right", async () => {
    const { terminal, settlement, run } = await makeOnNetworkTime();
    await run();
    const honest = settlement.statusList.bind(settlement);
    const floor = terminal.clock.floor();
    settlement.statusList = () => signList({ seq: 9, issuedAt: terminal.time + 301, asOf: terminal.time });
    expect((await run()).faults).toMatchObject([{ code: "STATUS_LIST_FROM_FUTURE" }]);
    expect(terminal.clock.floor()).toBe(floor);
    settlement.statusList = () => signList({ seq: 9, issuedAt: terminal.time + 300, asOf: terminal.time });
    expect((await run()).faults).toEqual([]);
    settlement.statusList = honest;
  });
});
