import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import { digestOf, encodeVoucherMessage, signatureParity, toHex, type VoucherBundle } from "@tallystick/protocol";
import type { Insertable } from "kysely";
import type { PlacedEvent } from "../../src/chain/vault-chain.ts";
import type { DatabaseTransaction } from "../../src/foundation/database/database.ts";
import type { ChainEventsTable } from "../../src/foundation/database/tables/chain-tables.ts";
import { insertEventRow } from "../../src/vouchers/chain-events/event-rows.ts";
import { recordEvent } from "../../src/vouchers/chain-events/record-event.ts";
import { begun } from "../harness/quiet/begun.ts";
import { QuietHarness } from "../harness/quiet/quiet-harness.ts";
import { send } from "../harness/quiet/quiet-intake.ts";
import type { TestCard } from "../harness/test-card.ts";
import type { TestTerminal } from "../harness/test-terminal.ts";

let harness: QuietHarness;
let terminal: TestTerminal;
let card: TestCard;
let sale: VoucherBundle;

beforeAll(async () => {
  harness = await QuietHarness.open();
});
afterAll(() => harness.close());
beforeEach(async () => {
  terminal = await harness.terminal();
  card = await harness.card();
  sale = await harness.pay(card, terminal, 400n);
});

const take = () => send(harness, terminal, { vouchers: [sale] });
const state = async () => (await harness.voucher(sale)).state;

describe("a voucher that the vault paid before its upload came", () => {
  it("is final, and holds nothing", async () => {
    await harness.settled(sale);
    await take();
    expect(await state()).toBe("final");
    expect(await harness.held(card.address)).toBe(0n);
  });

  it.each([
    [400n, "refunded"],
    [399n, "final"],
  ])("and of which %s of 400 went back is %s", async (units, wanted) => {
    await harness.settled(sale);
    await harness.refunded(sale, units);
    await take();
    expect(await state()).toBe(wanted);
  });
});

describe("a voucher whose counter was used for nothing before its upload came", () => {
  const release = (row: Partial<Insertable<ChainEventsTable>> = {}, counter = 1, kind = "released") =>
    harness.event(kind, { card: card.address, payee: terminal.payee, units: 400n, ...row }, { counter });

  it("is released, and holds nothing", async () => {
    await release();
    await take();
    expect(await state()).toBe("released");
    expect(await harness.held(card.address)).toBe(0n);
  });

  it.each([
    ["received", "is not final", () => release({ final: false })],
    ["forked", "is another payee's", () => release({ payee: Buffer.alloc(20, 7) })],
    ["received", "is another card's", () => release({ card: Buffer.alloc(20, 7) })],
    ["forked", "is of another amount", () => release({ units: 401n })],
    ["received", "is of another counter", () => release({}, 2)],
    ["received", "is a void", () => release({}, 1, "voided")],
  ] as const)("is %s where the release %s", async (left, _what, event) => {
    await event();
    await take();
    expect(await state()).toBe(left);
    expect(await harness.held(card.address)).toBe(400n);
  });

  it("does not change another voucher of the same upload", async () => {
    const other = await harness.pay(card, terminal, 5n);
    await release();
    await send(harness, terminal, { vouchers: [sale, other] });
    expect([await state(), (await harness.voucher(other)).state]).toEqual(["released", "received"]);
    expect(await harness.held(card.address)).toBe(5n);
  });
});

describe("an upload that comes while its counter's event is taken in", () => {
  const log = () => ({
    ...{ address: harness.contract.vault, topics: [], data: Buffer.alloc(0), blockNumber: 6n, logIndex: 1 },
    ...{ blockHash: randomBytes(32), transactionHash: toHex(randomBytes(32)) },
  });
  /** The vault pays the voucher, which no upload has brought, or its payee gives it up. */
  const event = (kind: "settled" | "released", { message, cardKey, signature }: VoucherBundle): PlacedEvent => {
    const { counter, amount, payee, context } = message;
    if (kind === "released")
      return {
        event: { kind, card: card.address, payee, counter, units: amount },
        log: log(),
      } as unknown as PlacedEvent;
    const parity = signatureParity(signature, digestOf(encodeVoucherMessage(message)), cardKey);
    const vs = Uint8Array.from(signature.subarray(32));
    vs[0] = (vs[0] ?? 0) | (parity << 7);
    const item = { payee, card: card.address, counter, amount, context, r: signature.subarray(0, 32), vs };
    const batch = { payloadHash: randomBytes(32), result: Uint8Array.of(1), submitter: payee };
    const roots = { batchRoot: randomBytes(32), ledgerRoot: randomBytes(32) };
    return { event: { kind, ...batch, ...roots, items: [{ item, paid: true }] }, log: log() } as unknown as PlacedEvent;
  };
  const watched = async (trx: DatabaseTransaction, placed: PlacedEvent) => {
    await insertEventRow(trx, placed, { final: true, scale: 100n });
    const { postings, domain } = harness;
    const shared = { postings, domain: { ...domain, chainId: BigInt(domain.chainId) }, scale: 100n, own: () => null };
    await recordEvent({ trx, ...shared, now: new Date(harness.nowMs) }, placed);
  };
  const uploads = (bundle: VoucherBundle) => begun(harness.db, () => send(harness, terminal, { vouchers: [bundle] }));
  const forks = async () => {
    const rows = await harness.db.selectFrom("forks").select("counter").where("card", "=", card.address).execute();
    return rows.map(({ counter }) => counter);
  };
  /** Another message of the sale's counter. */
  let rival: VoucherBundle;

  beforeEach(async () => {
    card = await harness.card();
    const clone = card.clone();
    sale = await harness.pay(card, terminal, 400n);
    rival = await harness.pay(clone, terminal, 7n);
  });

  it.each(["settled", "released"] as const)(
    "convicts its card where it brings another message: %s first",
    async (kind) => {
      const upload = await harness.db.transaction().execute(async (trx) => {
        await watched(trx, event(kind, sale));
        return uploads(rival);
      });
      await upload.end;
      expect([(await harness.voucher(rival)).state, await forks()]).toEqual(["forked", [1n]]);
    },
  );

  it.each(["settled", "released"] as const)(
    "convicts its card where it brings another message: then %s",
    async (kind) => {
      const { postings } = harness;
      const received = postings.received.bind(postings);
      const watching: Promise<unknown>[] = [];
      postings.received = async (trx, vouchers) => {
        await received(trx, vouchers);
        const work = () => harness.db.transaction().execute((other) => watched(other, event(kind, sale)));
        watching.push((await begun(harness.db, work)).end);
      };
      await send(harness, terminal, { vouchers: [rival] }).finally(() => (postings.received = received));
      await Promise.all(watching);
      expect([watching.length, (await harness.voucher(rival)).state, await forks()]).toEqual([1, "forked", [1n]]);
    },
  );

  it.each([
    ["settled", "final"],
    ["released", "released"],
  ] as const)("and brings what is %s holds nothing", async (kind, state) => {
    const upload = await harness.db.transaction().execute(async (trx) => {
      await watched(trx, event(kind, sale));
      return uploads(sale);
    });
    await upload.end;
    expect([(await harness.voucher(sale)).state, await forks()]).toEqual([state, []]);
    expect(await harness.held(card.address)).toBe(0n);
  });
});
