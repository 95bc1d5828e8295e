import { afterEach, describe, expect, it } from "@jest/globals";
import {
  decodePayRequest,
  decodeUploadBody,
  decodeUploadEntry,
  fromHex,
  reversalEntry,
  toHex,
  uploadBodyLength,
} from "@tallystick/protocol";
import { LineSettlement } from "../../test/harness/line/line-settlement.ts";
import { TerminalSuite } from "../../test/harness/terminal-suite.ts";
import { domain, terminalSigner, type TestTerminal } from "../../test/harness/test-terminal.ts";
import type { TapRecord } from "../journal/payments/tap-record.ts";
import { isIntended } from "../taps/tap-journal.ts";
import { Exchange } from "./exchange.ts";
import { entriesIn, fitting, nextLoad, type Parcel, rowsOf } from "./parcels.ts";
import { Uploader } from "./uploader.ts";

const suite = new TerminalSuite();

afterEach(() => {
  suite.removeAll();
});

/** A terminal with payments that no card made, because their sales were reversed: reversals without vouchers. */
async function withReversals(count: number): Promise<TestTerminal> {
  const terminal = await suite.terminal();
  for (let number = 0; number < count; number += 1) {
    const card = await terminal.card(`card ${number}`);
    terminal.reader.card = card;
    card.tear = "before";
    const torn = await terminal.tap(9n);
    terminal.gateway.engine.reverse(torn.id);
  }
  return terminal;
}

function loadOf({ gateway, config }: TestTerminal): readonly Parcel[] {
  return nextLoad(gateway.journal, config.domains[0]?.domainBytes ?? new Uint8Array(28))?.parcels ?? [];
}

/** The length that the entry of a reversal has in a body. */
function lengthOf(tap: TapRecord | null | undefined): number {
  if (tap === null || tap === undefined || !isIntended(tap)) throw new Error("it was never sent");
  const reversal = { domain, cardKey: tap.cardKey, request: decodePayRequest(tap.intent.request) };
  return uploadBodyLength([reversalEntry({ reversal, signature: new Uint8Array(64).fill(1) })]) - uploadBodyLength([]);
}

describe("the parcels that fit into a body", () => {
  it("are as many as its bytes hold, with their reversals, and at least one", async () => {
    const terminal = await withReversals(3);
    const card = await terminal.card();
    terminal.reader.card = card;
    await terminal.tap(1n);
    const parcels = loadOf(terminal);
    const [paid, first] = parcels;
    expect(parcels.map(({ voucher, reversal }) => [voucher !== null, reversal !== null])).toEqual([
      [true, false],
      [false, true],
      [false, true],
      [false, true],
    ]);
    const voucher = uploadBodyLength([{ data: paid?.voucher?.entry ?? new Uint8Array(0) }]) - uploadBodyLength([]);
    const reversal = lengthOf(first?.reversal);
    const fits = (bytes: number): number => fitting(parcels, bytes).length;
    expect([fits(0), fits(voucher - 1), fits(voucher)]).toEqual([1, 1, 1]);
    expect([fits(voucher + reversal - 1), fits(voucher + reversal)]).toEqual([1, 2]);
    expect([fits(voucher + 3 * reversal - 1), fits(voucher + 3 * reversal)]).toEqual([3, 4]);
    const both = { voucher: paid?.voucher ?? null, reversal: first?.reversal ?? null };
    expect(fitting([both, both], 2 * (voucher + reversal) - 1)).toHaveLength(1);
    expect(fitting([both, both], 2 * (voucher + reversal))).toHaveLength(2);
    expect(fitting([], 100)).toEqual([]);
    expect([entriesIn([both]), entriesIn(parcels), entriesIn([])]).toEqual([2, 4, 0]);
    expect(rowsOf([both])).toEqual({ voucherIds: [both.voucher?.id], tapIds: [both.reversal?.id] });
  });
});

describe("reversals without vouchers", () => {
  it("are sent in halves by a line that takes one alone, and each arrives", async () => {
    const terminal = await withReversals(3);
    const wanted = loadOf(terminal).map(({ reversal }) => toHex(reversal?.cardKey ?? new Uint8Array(0)));
    const { gateway, config } = terminal;
    const settlement = new LineSettlement();
    settlement.lineTakes = 230;
    const arrived: string[] = [];
    const exchange = new Exchange({
      ...gateway,
      uploader: new Uploader({ ...gateway, config, signer: terminalSigner }),
      settlementOf: () => ({
        ...{ authenticated: true, statusList: () => settlement.statusList(), vouchers: () => settlement.vouchers() },
        upload: async (request) => {
          const answer = await settlement.upload(request);
          for (const entry of decodeUploadBody(fromHex(request.body)).entries) {
            const content = decodeUploadEntry(entry);
            if (content.kind === "reversal") arrived.push(toHex(content.reversal.cardKey));
          }
          return answer;
        },
      }),
    });
    expect((await exchange.run()).faults).toEqual([]);
    expect(settlement.breaks).toEqual([]);
    expect(arrived).toEqual(wanted);
    const before = settlement.sent.length;
    expect((await exchange.run()).uploaded.setAside).toBe(0);
    expect(settlement.sent.length).toBe(before);
  });
});
