import { afterEach, describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { fromHex, toHex } from "@tallystick/protocol";
import { idOfEntry, LineSettlement } from "../../test/harness/line/line-settlement.ts";
import { addVouchers } from "../../test/harness/line/more-vouchers.ts";
import { terminalSigner, TestTerminal } from "../../test/harness/test-terminal.ts";
import { Exchange, type ExchangeReport } from "./exchange.ts";
import { Uploader } from "./uploader.ts";

const terminals: TestTerminal[] = [];

afterEach(() => {
  for (const terminal of terminals.splice(0)) terminal.remove();
});

/** A terminal with one paid voucher, and the settlement that its uploads go to. */
async function make() {
  const terminal = await TestTerminal.make();
  terminals.push(terminal);
  terminal.reader.card = await terminal.card();
  const { voucherId: id } = await terminal.tap(1n);
  const first = terminal.gateway.journal.vouchers.byId(id ?? new Uint8Array(32));
  if (first === null) throw new Error("the tap was not accepted");
  const settlement = new LineSettlement();
  let exchange: Exchange | null = null;
  const run = async (): Promise<ExchangeReport> => {
    const { gateway } = terminal;
    exchange ??= new Exchange({
      ...gateway,
      uploader: new Uploader({ ...gateway, config: terminal.config, signer: terminalSigner }),
      settlementOf: () => settlement,
    });
    return await exchange.run();
  };
  const restart = (): void => {
    terminal.restart();
    exchange = null;
  };
  return { terminal, settlement, first, run, restart };
}

/** A payment that the card made although its sale was reversed: a voucher with its reversal. */
async function addPair(terminal: TestTerminal): Promise<{ readonly voucher: string; readonly reversal: string }> {
  const { card } = terminal.reader;
  if (card === null) throw new Error("no card");
  card.tear = "after";
  const torn = await terminal.tap(9n);
  terminal.gateway.engine.reverse(torn.id);
  await terminal.tap(1n);
  const { vouchers } = terminal.gateway.journal;
  const kept = vouchers.ofTap(torn.id);
  if (kept === null) throw new Error("the card did not pay");
  return { voucher: toHex(kept.id), reversal: `reversal of ${kept.counter}` };
}

const deliveryOf = ({ gateway }: TestTerminal, id: string) => gateway.journal.vouchers.byId(fromHex(id))?.delivery;

describe("a proxy that takes no body above 8 kB", () => {
  it("lets everything through in the end, in one exchange, and no number is a gap", async () => {
    const { terminal, settlement, first, run } = await make();
    const ids = [idOfEntry(first.entry), ...addVouchers(terminal, first, 168)];
    settlement.lineTakes = 8_192;
    const { faults, uploaded } = await run();
    expect([faults, uploaded.new, uploaded.setAside]).toEqual([[], 169, 2]);
    expect([...settlement.arrived].sort()).toEqual([...ids].sort());
    expect(settlement.breaks).toEqual([]);
    expect(terminal.gateway.journal.setAside.openCount()).toBe(0);
    // What the line has refused once is not offered again in this size.
    expect(settlement.sent.filter((length) => length > 8_192)).toHaveLength(2);
  });
});

describe("an upload that is refused", () => {
  it.each([0, 1, 2, 5])("by settlement for one of its entries costs that one alone (%i)", async (at) => {
    const { terminal, settlement, first, run } = await make();
    const ids = [idOfEntry(first.entry), ...addVouchers(terminal, first, 5)];
    const bad = ids[at] ?? "";
    settlement.poison.add(bad);
    expect(await run()).toMatchObject({ faults: [], uploaded: { new: 5, refused: 1 } });
    expect(ids.map((id) => deliveryOf(terminal, id))).toEqual(ids.map((id) => (id === bad ? "disputed" : "taken")));
    expect(terminal.gateway.journal.vouchers.byId(fromHex(bad))).toMatchObject({
      result: "refused",
      resultCode: "MALFORMED_UPLOAD",
    });
    expect(settlement.breaks).toEqual([]);
    const before = settlement.sent.length;
    await run();
    expect(settlement.sent).toHaveLength(before);
  });

  it("is never disputed for a 413 of somebody else, holds nothing up, and is tried again as it was", async () => {
    const { terminal, settlement, first, run, restart } = await make();
    settlement.lineTakes = 300;
    expect((await run()).faults).toMatchObject([{ code: "LINE_BODY_TOO_LARGE" }]);
    expect(deliveryOf(terminal, idOfEntry(first.entry))).toBe("packed");
    const alone = terminal.gateway.journal.setAside.toTryAgain(first.domainBytes, 9);
    expect(alone.map(({ body }) => body.length)).toEqual([386]);
    restart();
    const lastNumber = () => terminal.gateway.journal.uploads.last(first.domainBytes)?.seq;
    for (let round = 0; round < 4; round += 1) await run();
    const used = lastNumber();
    settlement.sent.length = 0;
    for (let round = 0; round < 4; round += 1) await run();
    // The same bytes: no number is used up by trying.
    expect([lastNumber(), settlement.sent.length]).toEqual([used, 4]);
    settlement.lineTakes = Infinity;
    const [more = ""] = addVouchers(terminal, first, 1);
    expect(await run()).toMatchObject({ faults: [], uploaded: { new: 2, refused: 0 } });
    expect(settlement.arrived).toEqual([more, idOfEntry(first.entry)]);
    expect(settlement.breaks).toEqual([]);
    await run();
    expect(terminal.gateway.journal.setAside.openCount()).toBe(0);
  });

  it("keeps a voucher and its reversal together, and parts them last, the reversal first", async () => {
    const { terminal, settlement, run } = await make();
    const pair = await addPair(terminal);
    settlement.lineTakes = 590;
    expect((await run()).faults).toEqual([]);
    expect(settlement.arrived).toHaveLength(4);
    expect(settlement.arrived.indexOf(pair.reversal)).toBeLessThan(settlement.arrived.indexOf(pair.voucher));
    expect(settlement.breaks).toEqual([]);
  });

  it("does not send a voucher before its reversal, where that one is tried again", async () => {
    const { terminal, settlement, run } = await make();
    const pair = await addPair(terminal);
    settlement.lineRefusesKinds.add(2);
    for (let round = 0; round < 8; round += 1) await run();
    // The others went; the voucher could go as well, and waits.
    expect(settlement.arrived).toHaveLength(2);
    expect(deliveryOf(terminal, pair.voucher)).toBe("packed");
    settlement.lineRefusesKinds.clear();
    for (let round = 0; round < 2; round += 1) await run();
    expect(settlement.arrived).toHaveLength(4);
    expect(settlement.arrived.indexOf(pair.reversal)).toBeLessThan(settlement.arrived.indexOf(pair.voucher));
    expect(settlement.breaks).toEqual([]);
  });

  it("goes without a word about it to a settlement that does not take such words", async () => {
    const { terminal, settlement, first, run } = await make();
    const ids = [idOfEntry(first.entry), ...addVouchers(terminal, first, 3)];
    settlement.poison.add(ids[1] ?? "");
    settlement.knowsSetAside = false;
    for (let round = 0; round < 6; round += 1) expect((await run()).faults).toEqual([]);
    expect(ids.map((id) => deliveryOf(terminal, id))).toEqual(["taken", "disputed", "taken", "taken"]);
    const used = settlement.sent.length;
    await run();
    expect([settlement.sent.length, terminal.gateway.journal.setAside.openCount()]).toEqual([used, 0]);
  });

  it("is shown until it is told of and its entries have arrived", async () => {
    const { terminal, settlement, first, run } = await make();
    addVouchers(terminal, first, 1);
    settlement.lineTakes = 300;
    await run();
    expect(terminal.gateway.journal.setAside.openCount()).toBeGreaterThan(0);
    settlement.lineTakes = Infinity;
    for (let round = 0; round < 2; round += 1) await run();
    expect(terminal.gateway.journal.setAside.openCount()).toBe(0);
  });
});

/** The process dies at one of its writes: before it, or after it is durable. */
class Killed extends Error {}

function killAt({ gateway }: TestTerminal, moment: number): void {
  const { journal } = gateway;
  const write = journal.write.bind(journal);
  let passed = 0;
  const step = (): void => {
    passed += 1;
    if (passed === moment) throw new Killed();
  };
  journal.write = <T>(work: () => T): T => {
    step();
    const result = write(work);
    step();
    return result;
  };
}

describe("whatever the line does, and wherever the terminal dies", () => {
  it("nothing is lost, doubled or disputed without settlement's word, and the chain has no gap", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          more: fc.integer({ min: 0, max: 12 }),
          pairs: fc.integer({ min: 0, max: 2 }),
          lineTakes: fc.constantFrom(Infinity, 4_000, 1_500, 600, 390, 150),
          poison: fc.uniqueArray(fc.nat({ max: 12 }), { maxLength: 2 }),
          lost: fc.array(fc.boolean(), { maxLength: 6 }),
          kills: fc.array(fc.integer({ min: 1, max: 30 }), { maxLength: 4 }),
        }),
        async ({ more, pairs, lineTakes, poison, lost, kills }) => {
          const { terminal, settlement, first, run, restart } = await make();
          const both = [];
          for (let index = 0; index < pairs; index += 1) both.push(await addPair(terminal));
          addVouchers(terminal, first, more);
          const { journal } = terminal.gateway;
          const ids = [...journal.outcomes.notFinal(first.domainBytes)].flat().map(({ id }) => toHex(id));
          const bad = new Set(poison.flatMap((at) => ids[at] ?? []));
          for (const id of bad) settlement.poison.add(id);
          settlement.lineTakes = lineTakes;
          const answers = [...lost];
          settlement.losesAnswer = () => answers.shift() === true;
          for (const moment of kills) {
            killAt(terminal, moment);
            try {
              await run();
            } catch (error) {
              if (!(error instanceof Killed)) throw error;
            }
            restart();
          }
          for (let round = 0; round < 4; round += 1) await run();
          settlement.lineTakes = Infinity;
          // What was tried alone may need an exchange each.
          for (let round = 0; round < 30; round += 1) if ((await run()).faults.length === 0 && round > 2) break;
          expect(settlement.breaks).toEqual([]);
          const reversals = both.map(({ reversal }) => reversal);
          expect([...settlement.arrived].sort()).toEqual([...ids.filter((id) => !bad.has(id)), ...reversals].sort());
          for (const id of ids) expect(deliveryOf(terminal, id)).toBe(bad.has(id) ? "disputed" : "taken");
          for (const { voucher, reversal } of both)
            if (!bad.has(voucher))
              expect(settlement.arrived.indexOf(reversal)).toBeLessThan(settlement.arrived.indexOf(voucher));
          terminal.remove();
          terminals.splice(terminals.indexOf(terminal), 1);
        },
      ),
      { numRuns: 12 },
    );
  }, 120_000);
});
