import { randomBytes } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { decodeTerminalRequest, fromHex, terminalRequestKinds, toHex } from "@tallystick/protocol";
import type { ListedVoucher, TerminalRequestBody } from "@tallystick/protocol/wire";
import { servedDomain, START, terminalId, terminalSigner, TestTerminal } from "../../../test/harness/test-terminal.ts";
import { openJournal } from "../../journal/open-journal.ts";
import { SettlementError } from "../../sync/settlement-client.ts";
import { runTakeOver, type TakeOverLine } from "./run-take-over.ts";

const OLD = `0x${"0d".repeat(8)}`;
let terminal: TestTerminal;

beforeEach(async () => {
  terminal = await TestTerminal.make({ domains: [await servedDomain({ settlementUrl: "http://127.0.0.1:1" })] });
  terminal.gateway.journal.close();
});
afterEach(() => {
  terminal.restart();
  terminal.remove();
});

const id = (byte: number): string => `0x${byte.toString(16).padStart(2, "0").repeat(32)}`;

function listed(byte: number, change: Partial<ListedVoucher> = {}): ListedVoucher {
  return {
    ...{ voucherId: id(byte), terminalId: OLD, card: `0x${"0c".repeat(20)}`, counter: byte, amount: "2.50" },
    ...{ time: START - byte, receivedAt: START, state: "received", code: null, tx: null, ...change },
  };
}

/** Runs the command on pages by the id behind which they begin. */
async function takeOver(pages: Readonly<Record<string, unknown>>) {
  const lines: TakeOverLine[] = [];
  const asked: string[] = [];
  const port = {
    authenticated: true,
    request: ({ request, body }: TerminalRequestBody) => {
      expect(decodeTerminalRequest(fromHex(request))).toMatchObject({
        ...{ kind: terminalRequestKinds.voucherList, time: START, terminalId },
      });
      asked.push(body);
      const page = pages[body];
      return page === undefined
        ? Promise.reject(new SettlementError("SETTLEMENT_UNREACHABLE", "away"))
        : Promise.resolve(page);
    },
  };
  const given = {
    ...{ signer: terminalSigner, now: START, portOf: () => port },
    randomBytes: (length: number) => Uint8Array.from(randomBytes(length)),
  };
  let code: string | null = null;
  await runTakeOver(terminal.config, given, (line) => lines.push(line)).catch((error: Error) => {
    ({ code } = error as Error & { code: string });
  });
  const journal = openJournal(terminal.config, { terminalKey: terminalSigner.publicKey, now: START });
  const kept = journal.otherVouchers.page(null, 100);
  const own = journal.vouchers.disputedCount();
  journal.close();
  return { lines, asked, code, kept: kept.map(({ voucherId, state }) => [toHex(voucherId), state]), own };
}

describe("a box that takes over a payee", () => {
  it("keeps what the other terminals sold, page by page, and none of its own", async () => {
    const first = { vouchers: [listed(1), listed(2, { state: "final", tx: id(9) })], next: id(2) };
    const second = { vouchers: [listed(3, { terminalId: toHex(terminalId) }), listed(4)], next: null };
    const { lines, asked, kept } = await takeOver({ [id(0)]: first, [id(2)]: second });
    expect(asked).toEqual([id(0), id(2)]);
    const line = { schema: "tallystick.take-over/1", terminalId: OLD, currency: "USDC" };
    expect(lines).toEqual([
      expect.objectContaining({ ...line, state: "final", count: 1, amount: "2.50" }),
      expect.objectContaining({ ...line, state: "received", count: 2, amount: "5.00" }),
    ]);
    // The newest first, by the time of the sale.
    expect(kept).toEqual([
      [id(1), "received"],
      [id(2), "final"],
      [id(4), "received"],
    ]);
    // Once more: states as they are now, and nothing twice.
    const later = { vouchers: [listed(1, { state: "final" }), listed(2, { state: "final" })], next: null };
    expect((await takeOver({ [id(0)]: later })).lines).toEqual([
      expect.objectContaining({ state: "final", count: 2 }),
      expect.objectContaining({ state: "received", count: 1 }),
    ]);
  });

  it("keeps what came where the line breaks off, and refuses a list that does not go on or cannot be read", async () => {
    const broken = await takeOver({ [id(0)]: { vouchers: [listed(1)], next: id(1) } });
    expect([broken.code, broken.kept]).toEqual(["SETTLEMENT_UNREACHABLE", [[id(1), "received"]]]);
    const endless = await takeOver({ [id(0)]: { vouchers: [], next: id(5) }, [id(5)]: { vouchers: [], next: id(5) } });
    expect([endless.code, endless.asked.length]).toEqual(["SETTLEMENT_ANSWER_UNREADABLE", 2]);
    for (const amount of ["1e9", "0", "0.0000001"]) {
      const hostile = { vouchers: [listed(1, { amount })], next: null };
      expect((await takeOver({ [id(0)]: hostile })).code).toBe("SETTLEMENT_ANSWER_UNREADABLE");
    }
  });
});
