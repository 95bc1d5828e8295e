import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "@jest/globals";
import { codeOf } from "../../test/harness/codes.ts";
import {
  decodeUpload,
  decodeUploadBody,
  decodeUploadEntry,
  encodeReversal,
  decodeVoucherBundle,
  digestOf,
  fromHex,
  journalHead,
  toHex,
  verifyDigest,
  voucherId,
  addressOfKey,
} from "@tallystick/protocol";
import type { UploadRequest, UploadResponse } from "@tallystick/protocol/wire";
import {
  DAY,
  domain,
  payee,
  signList,
  START,
  terminalSigner,
  terminalId,
  testSigner,
  TestTerminal,
} from "../../test/harness/test-terminal.ts";
import type { OfferedList } from "../status/status-lists.ts";
import { Exchange, type ExchangeReport } from "./exchange.ts";
import { signReceipt } from "../../test/harness/receipts.ts";
import { type FollowedVoucher, SettlementError, type SettlementPort } from "./settlement-client.ts";
import { isAuthenticated } from "./reported-end.ts";
import { Uploader } from "./uploader.ts";

/**
 * Settlement by the rules a terminal can see: it knows vouchers by their id, and answers each
 * upload in its order.
 */
class TestSettlement implements SettlementPort {
  authenticated = true;
  list: OfferedList | null = null;
  readonly uploads: UploadRequest[] = [];
  /** Uploads with nothing but a challenge. */
  readonly questions: UploadRequest[] = [];
  /** The right time, by which receipts are signed; null signs none. */
  readSeconds: (() => number) | null = null;
  readonly known = new Set<string>();
  readonly states = new Map<string, Omit<FollowedVoucher, "refunds"> & Partial<Pick<FollowedVoucher, "refunds">>>();
  /** Loses the line after it took an upload, so often. */
  loseAnswers = 0;
  unreachable = false;
  judge: (id: string) => UploadResponse["results"][number] | null = () => null;

  async upload(request: UploadRequest): Promise<UploadResponse> {
    if (this.unreachable) throw new SettlementError("SETTLEMENT_UNREACHABLE", "no line");
    const { entries } = decodeUploadBody(fromHex(request.body));
    (entries.some(({ kind }) => kind !== 4) ? this.uploads : this.questions).push(request);
    const vouchers = entries.filter(({ kind }) => kind === 1);
    const results = vouchers.map(({ data }) => {
      const { cardKey, message } = decodeVoucherBundle(data);
      const id = toHex(voucherId(addressOfKey(cardKey), message));
      const status: "duplicate" | "new" = this.known.has(id) ? "duplicate" : "new";
      this.known.add(id);
      return this.judge(id) ?? { voucherId: id, status, code: null };
    });
    if (this.loseAnswers > 0) {
      this.loseAnswers -= 1;
      throw new SettlementError("SETTLEMENT_UNREACHABLE", "the line was lost");
    }
    const receipt = this.readSeconds === null ? {} : await signReceipt(request, this.readSeconds());
    return { results, ...receipt };
  }

  async statusList(): Promise<OfferedList> {
    if (this.unreachable) throw new SettlementError("SETTLEMENT_UNREACHABLE", "no line");
    return this.list ?? (await signList());
  }

  vouchers(ids: readonly Uint8Array[]): Promise<ReadonlyMap<string, FollowedVoucher | null>> {
    const answers = ids.map((id): readonly [string, FollowedVoucher | null] => {
      const known = this.states.get(toHex(id));
      return [toHex(id), known === undefined ? null : { refunds: [], ...known }];
    });
    return Promise.resolve(new Map(answers));
  }
}

const terminals: TestTerminal[] = [];

afterEach(() => {
  for (const terminal of terminals.splice(0)) terminal.remove();
});

async function make(...options: Parameters<typeof TestTerminal.make>) {
  const terminal = await TestTerminal.make(...options);
  terminals.push(terminal);
  terminal.reader.card = await terminal.card();
  const settlement = new TestSettlement();
  settlement.readSeconds = () => terminal.time;
  const exchange = (): Exchange => {
    const { gateway } = terminal;
    return new Exchange({
      ...gateway,
      uploader: new Uploader({ ...gateway, config: terminal.config, signer: terminalSigner }),
      settlementOf: () => settlement,
    });
  };
  const run = (again = false): Promise<ExchangeReport> => exchange().run({ again });
  const unsent = () =>
    terminal.gateway.journal.vouchers.unsent(terminal.config.domains[0]?.domainBytes ?? new Uint8Array(28));
  return { terminal, settlement, exchange, run, unsent };
}

describe("sending", () => {
  it("signs a numbered upload over the vouchers in their order, and the next one names it", async () => {
    const { terminal, settlement, run, unsent } = await make();
    await terminal.tap(1n);
    await terminal.tap(2n);
    expect((await run()).uploaded).toMatchObject({ new: 2, duplicate: 0, forked: 0, refused: 0 });
    await terminal.tap(3n);
    expect((await run()).uploaded).toMatchObject({ new: 1 });
    expect((await run()).uploaded).toMatchObject({ new: 0, duplicate: 0 });
    expect(unsent()).toMatchObject({ count: 0, sum: 0n });
    const [first, second] = settlement.uploads.map(({ upload }) => decodeUpload(fromHex(upload)));
    if (first === undefined || second === undefined) throw new Error("two uploads were expected");
    expect(settlement.uploads).toHaveLength(2);
    expect(first).toMatchObject({ domain, payee, terminalId, uploadSeq: 1, previousJournalHead: new Uint8Array(32) });
    expect(second).toMatchObject({ uploadSeq: 2, previousJournalHead: journalHead(first) });
    for (const { upload, signature, body } of settlement.uploads) {
      expect(verifyDigest(fromHex(signature), digestOf(fromHex(upload)), terminalSigner.publicKey)).toBe(true);
      expect(decodeUpload(fromHex(upload)).bodyHash).toEqual(digestOf(fromHex(body)));
    }
    const amounts = decodeUploadBody(fromHex(settlement.uploads[0]?.body))
      .entries.filter(({ kind }) => kind === 1)
      .map(({ data }) => decodeVoucherBundle(data).message.amount);
    expect(amounts).toEqual([1n, 2n]);
  });

  it("sends the very same bytes again when the answer was lost, also after a restart, and only then goes on", async () => {
    const { terminal, settlement, run, unsent } = await make();
    await terminal.tap(1n);
    settlement.loseAnswers = 1;
    expect(await run()).toMatchObject({ uploaded: { new: 0 }, faults: [{ code: "SETTLEMENT_UNREACHABLE" }] });
    await terminal.tap(2n);
    terminal.restart();
    expect(unsent()).toMatchObject({ count: 2 });
    expect((await run()).uploaded).toMatchObject({ new: 1, duplicate: 1 });
    expect(settlement.uploads).toHaveLength(3);
    expect(settlement.uploads[1]).toEqual(settlement.uploads[0]);
    expect(unsent()).toMatchObject({ count: 0 });
  });

  it("sends the last upload again when asked to, and nothing changes", async () => {
    const { terminal, settlement, run } = await make();
    await terminal.tap(1n);
    await run();
    expect((await run(true)).uploaded).toMatchObject({ new: 0, duplicate: 1, forked: 0, refused: 0 });
    expect(settlement.uploads[1]).toMatchObject(settlement.uploads[0] ?? {});
    await terminal.tap(1n);
    expect((await run(true)).uploaded).toMatchObject({ new: 1, duplicate: 1, forked: 0, refused: 0 });
  });

  it("keeps what settlement refused or found forked, each with its code", async () => {
    const { terminal, settlement, run, unsent } = await make();
    const forked = await terminal.tap(1n);
    const refused = await terminal.tap(2n);
    const byId = new Map([
      [toHex(forked.voucherId ?? new Uint8Array(32)), { status: "forked", code: "COUNTER_USED_TWICE" }],
      [toHex(refused.voucherId ?? new Uint8Array(32)), { status: "refused", code: "PAID_TOO_LATE" }],
    ] as const);
    settlement.judge = (id) => ({ voucherId: id, code: null, status: "new", ...byId.get(id) });
    expect((await run()).uploaded).toMatchObject({ new: 0, duplicate: 0, forked: 1, refused: 1 });
    const { vouchers } = terminal.gateway.journal;
    expect(vouchers.byId(forked.voucherId ?? new Uint8Array(32))).toMatchObject({
      delivery: "taken",
      result: "forked",
      resultCode: "COUNTER_USED_TWICE",
    });
    expect(vouchers.byId(refused.voucherId ?? new Uint8Array(32))).toMatchObject({
      delivery: "disputed",
      result: "refused",
      resultCode: "PAID_TOO_LATE",
    });
    expect(unsent()).toMatchObject({ count: 0 });
    expect(vouchers.disputedCount()).toBe(1);
  });

  it.each([
    ["leaves one out", (results: UploadResponse["results"]) => results.slice(1)],
    ["names one twice", ([first]: UploadResponse["results"]) => (first === undefined ? [] : [first, first])],
    [
      "names another voucher",
      ([first, second]: UploadResponse["results"]) =>
        first === undefined || second === undefined ? [] : [first, { ...second, voucherId: toHex(new Uint8Array(32)) }],
    ],
  ])("does not believe an answer that %s", async (_, change) => {
    const { terminal, settlement, run, unsent } = await make();
    await terminal.tap(1n);
    await terminal.tap(2n);
    const honest = settlement.upload.bind(settlement);
    settlement.upload = async (request) => ({ results: change((await honest(request)).results) });
    expect((await run()).faults).toMatchObject([{ code: "SETTLEMENT_ANSWER_UNREADABLE" }]);
    expect(unsent()).toMatchObject({ count: 2 });
    settlement.upload = honest;
    expect((await run()).uploaded).toMatchObject({ duplicate: 2 });
  });

  it("packs at most 32,768 bytes of body into one upload; the others follow in the same exchange", async () => {
    const { terminal, settlement, run } = await make();
    const paid = await terminal.tap(1n);
    const kept = terminal.gateway.journal.vouchers.byId(paid.voucherId ?? new Uint8Array(32));
    if (kept === null) throw new Error("the voucher is not kept");
    const { journal } = terminal.gateway;
    journal.write(() => {
      for (let index = 1; index <= 1_000; index += 1) {
        const id = Uint8Array.from(digestOf(Uint8Array.of(index >> 8, index & 0xff)));
        const tap = {
          id: `many-${index}`,
          saleId: `many-${index}`,
          lane: "1",
          domainBytes: kept.domainBytes,
          amount: 1n,
          cardKey: kept.cardKey,
          code: "CARD_ABSENT",
          sw: null,
          apdus: 0,
          spentBefore: null,
          now: START,
        };
        journal.taps.refuse(tap);
        journal.vouchers.keep({ ...kept, id, tapId: tap.id, counter: index + 1 }, START);
      }
    });
    const sizes: number[] = [];
    settlement.upload = (request) => {
      const body = fromHex(request.body);
      expect(body.length).toBeLessThanOrEqual(32_768);
      sizes.push(decodeUploadBody(body).entries.length);
      const seq = decodeUpload(fromHex(request.upload)).uploadSeq;
      const results = journal.vouchers
        .ofUpload(kept.domainBytes, seq)
        .map(({ id }) => ({ voucherId: toHex(id), status: "new" as const, code: null }));
      return Promise.resolve({ results });
    };
    expect((await run()).uploaded.new).toBe(1_001);
    // Each with its challenge.
    expect(sizes).toEqual([...Array.from({ length: 11 }, () => 86), 67]);
  });

  it("runs one exchange at a time, so that no voucher is packed twice", async () => {
    const { terminal, settlement } = await make();
    await terminal.tap(1n);
    const { gateway } = terminal;
    const exchange = new Exchange({
      ...gateway,
      uploader: new Uploader({ ...gateway, config: terminal.config, signer: terminalSigner }),
      settlementOf: () => settlement,
    });
    const reports = await Promise.all([exchange.run(), exchange.run(), exchange.run()]);
    expect(reports.map(({ uploaded }) => uploaded.new)).toEqual([1, 0, 0]);
    expect(settlement.uploads).toHaveLength(1);
  });
});

describe("the reversal of", () => {
  /**
   * What an upload says of requests for which nothing was given: the card's counter, and whether
   * the terminal signed it.
   */
  function reversals(request: UploadRequest | undefined): readonly (readonly [number, boolean])[] {
    return decodeUploadBody(fromHex(request?.body))
      .entries.map((entry) => decodeUploadEntry(entry))
      .flatMap((content) =>
        content.kind === "reversal"
          ? [
              [
                content.reversal.request.counter,
                verifyDigest(content.signature, digestOf(encodeReversal(content.reversal)), terminalSigner.publicKey),
              ] as const,
            ]
          : [],
      );
  }

  it("an open payment reaches settlement, and its card is never debited for it", async () => {
    const { terminal, settlement, run } = await make();
    const { card } = terminal.reader;
    if (card === null) throw new Error("no card");
    card.tear = "before";
    const torn = await terminal.tap(9n);
    expect(terminal.gateway.engine.reverse(torn.id)).toMatchObject({
      outcome: "refused",
      code: "TAP_CANCELLED",
      saleOpen: false,
    });
    expect((await run()).uploaded).toMatchObject({ new: 0 });
    expect(reversals(settlement.uploads[0])).toEqual([[1, true]]);
    expect((await run()).uploaded).toMatchObject({ new: 0 });
    expect(settlement.uploads).toHaveLength(1);
    expect(await terminal.tap(9n)).toMatchObject({ outcome: "accepted", counter: 1, resolved: [] });
    expect(card.requests).toHaveLength(2);
    expect(card.spent).toBe(9n);
  });

  it("a payment that the card had made sends its voucher beside it", async () => {
    const { terminal, settlement, run, unsent } = await make();
    const { card } = terminal.reader;
    if (card === null) throw new Error("no card");
    card.tear = "after";
    const torn = await terminal.tap(9n);
    terminal.gateway.engine.reverse(torn.id);
    expect(await terminal.tap(1n)).toMatchObject({ outcome: "accepted", counter: 2 });
    expect(unsent()).toMatchObject({ count: 1, sum: 1n });
    expect((await run()).uploaded).toMatchObject({ new: 2 });
    expect(reversals(settlement.uploads[0])).toEqual([[1, true]]);
  });

  it("a paid tap returns it while it is not final, whether it was sent or not", async () => {
    const { terminal, settlement, run, unsent } = await make();
    const first = await terminal.tap(1n);
    const second = await terminal.tap(2n);
    await run();
    const third = await terminal.tap(3n);
    for (const { id } of [second, third])
      expect(terminal.gateway.engine.reverse(id)).toMatchObject({ outcome: "accepted" });
    terminal.gateway.engine.reverse(third.id);
    expect(unsent()).toMatchObject({ count: 0 });
    await run();
    // The one whose voucher goes along comes first.
    expect(reversals(settlement.uploads[1])).toEqual([
      [3, true],
      [2, true],
    ]);
    settlement.states.set(toHex(first.voucherId ?? new Uint8Array(32)), { state: "final", batch: "1", tx: "0x1" });
    await run();
    expect(codeOf(() => terminal.gateway.engine.reverse(first.id))).toBe("TAP_FINAL");
  });

  it("is refused for what cannot be reversed", async () => {
    const { terminal } = await make();
    expect(codeOf(() => terminal.gateway.engine.reverse("nothing"))).toBe("TAP_UNKNOWN");
    const refused = await terminal.tap(60_000_000n);
    expect(codeOf(() => terminal.gateway.engine.reverse(refused.id))).toBe("TAP_NOT_OPEN");
  });
});

describe("following a voucher to its end", () => {
  it("asks until settlement reports its end, which ends nothing, and not after", async () => {
    const { terminal, settlement, run } = await make();
    const { voucherId: id = null } = await terminal.tap(1n);
    if (id === null) throw new Error("the tap was not accepted");
    await run();
    expect(terminal.gateway.journal.vouchers.byId(id)).toMatchObject({ settlementState: "unknown", batch: null });
    settlement.states.set(toHex(id), { state: "batched", batch: "7", tx: null });
    expect((await run()).reportedFinal).toBe(0);
    expect(terminal.gateway.journal.vouchers.byId(id)).toMatchObject({
      delivery: "taken",
      settlementState: "batched",
      batch: "7",
    });
    settlement.states.set(toHex(id), { state: "final", batch: "7", tx: "0xabc" });
    expect((await run()).reportedFinal).toBe(1);
    expect((await run()).reportedFinal).toBe(0);
    expect(terminal.gateway.journal.vouchers.byId(id)).toMatchObject({
      delivery: "taken",
      reported: "final",
      settlementState: "final",
      tx: "0xabc",
    });
    expect((await run(true)).uploaded.duplicate).toBe(1);
    expect(terminal.gateway.journal.vouchers.byId(id)).toMatchObject({ delivery: "taken", reported: "final" });
  });
});

describe("an answer that nothing authenticates", () => {
  it("reports nothing, and its transaction stays a hint", async () => {
    const { terminal, settlement, run } = await make();
    const { voucherId: id = null } = await terminal.tap(1n);
    if (id === null) throw new Error("the tap was not accepted");
    settlement.authenticated = false;
    await run();
    settlement.states.set(toHex(id), { state: "final", batch: "7", tx: "0xabc" });
    expect((await run()).reportedFinal).toBe(0);
    const { vouchers } = terminal.gateway.journal;
    expect(vouchers.byId(id)).toMatchObject({ delivery: "taken", reported: null, tx: "0xabc" });
    settlement.authenticated = true;
    expect((await run()).reportedFinal).toBe(1);
  });

  it.each([
    ["https://settlement.example", true],
    ["http://127.0.0.1:8400", true],
    ["http://localhost:8400", true],
    ["http://[::1]:8400", true],
    ["http://settlement.example", false],
    ["http://10.0.0.7:8400", false],
    ["http://127.0.0.1.example", false],
  ])("is one from %s: %p is authenticated", (url, expected) => {
    expect(isAuthenticated(url)).toBe(expected);
  });
});

describe("a payment that was given back", () => {
  it("is asked about until settlement shows that, and not after", async () => {
    const { terminal, settlement, run } = await make();
    const tap = await terminal.tap(5n);
    const id = tap.voucherId ?? new Uint8Array(32);
    await run();
    settlement.states.set(toHex(id), { state: "final", batch: "7", tx: "0xabc" });
    await run();
    const { journal } = terminal.gateway;
    const refund = (refundId: string, amount: bigint): void => {
      journal.write(() => {
        journal.refunds.begin({ tapId: tap.id, refundId, amount, state: "refunding" }, terminal.now);
      });
      const begun = journal.refunds.byId(tap.id, refundId);
      if (begun !== null)
        journal.write(() => {
          journal.refunds.move(begun, { state: "refunded", tx: "0x1", block: 1 }, terminal.now);
        });
    };
    settlement.states.set(toHex(id), { state: "refunded", batch: "7", tx: "0xabc" });
    refund("part", 2n);
    await run();
    expect(journal.vouchers.byId(id)).toMatchObject({ settlementState: "final" });
    refund("rest", 3n);
    await run();
    expect(journal.vouchers.byId(id)).toMatchObject({
      delivery: "taken",
      reported: "final",
      settlementState: "refunded",
      tx: "0xabc",
    });
    settlement.states.set(toHex(id), { state: "final", batch: "7", tx: "0xabc" });
    await run();
    expect(journal.vouchers.byId(id)).toMatchObject({ settlementState: "refunded" });
  });
});

describe("the refunds that settlement knows of a payment", () => {
  it("are answered, and bring its state up to date, where settlement has it and can be asked", async () => {
    const { terminal, settlement, exchange } = await make();
    const { voucherId: id = null } = await terminal.tap(5n);
    if (id === null) throw new Error("the tap was not accepted");
    const asking = exchange();
    const { vouchers } = terminal.gateway.journal;
    const ask = async () => {
      const voucher = vouchers.byId(id);
      return voucher === null ? undefined : await asking.refundsOf(voucher);
    };
    const refunds = [{ amount: "0.000002", tx: "0x1" }];
    settlement.states.set(toHex(id), { state: "final", batch: "7", tx: "0xabc", refunds });
    expect(await ask()).toBeNull();
    await asking.run();
    expect(await ask()).toEqual(refunds);
    expect(vouchers.byId(id)).toMatchObject({ delivery: "taken", reported: "final", settlementState: "final" });
    settlement.states.delete(toHex(id));
    expect(await ask()).toBeNull();
    expect(vouchers.byId(id)).toMatchObject({ settlementState: "final" });
    // A settlement that is out of reach is not waited for at the counter.
    settlement.unreachable = true;
    await asking.run();
    settlement.states.set(toHex(id), { state: "refunded", batch: "7", tx: "0xabc", refunds });
    expect(await ask()).toBeNull();
  });
});

describe("following the newest payments", () => {
  it("asks about them alone, and not while settlement was out of reach", async () => {
    const { terminal, settlement, exchange } = await make();
    const { voucherId: id = null } = await terminal.tap(1n);
    if (id === null) throw new Error("the tap was not accepted");
    const asking = exchange();
    settlement.states.set(toHex(id), { state: "batched", batch: "7", tx: null });
    expect(await asking.followNew()).toBe(0);
    expect(terminal.gateway.journal.vouchers.byId(id)).toMatchObject({ delivery: "unsent", settlementState: null });
    await asking.run();
    settlement.states.set(toHex(id), { state: "final", batch: "7", tx: "0xabc" });
    expect(await asking.followNew()).toBe(1);
    expect(terminal.gateway.journal.vouchers.byId(id)).toMatchObject({
      delivery: "taken",
      reported: "final",
      tx: "0xabc",
    });
    expect(settlement.uploads).toHaveLength(1);

    const { voucherId: later = null } = await terminal.tap(2n);
    if (later === null) throw new Error("the tap was not accepted");
    await asking.run();
    settlement.unreachable = true;
    await asking.run();
    settlement.states.set(toHex(later), { state: "final", batch: "8", tx: "0xdef" });
    expect(await asking.followNew()).toBe(0);
    settlement.unreachable = false;
    await asking.run();
    expect(terminal.gateway.journal.vouchers.byId(later)).toMatchObject({ delivery: "taken", reported: "final" });
  });

  it("leaves payments of earlier days to the whole exchange", async () => {
    const { terminal, settlement, exchange } = await make();
    const { voucherId: id = null } = await terminal.tap(1n);
    if (id === null) throw new Error("the tap was not accepted");
    const asking = exchange();
    await asking.run();
    terminal.now += DAY;
    settlement.states.set(toHex(id), { state: "released", batch: null, tx: "0xabc" });
    expect(await asking.followNew()).toBe(0);
    expect((await asking.run()).reportedFinal).toBe(1);
  });
});

describe("status lists and the clock", () => {
  it("confirms the clock where the system has set it by network time, but never below the floor", async () => {
    const folder = mkdtempSync(join(tmpdir(), "tallystick-clock-"));
    const synchronizedFile = join(folder, "synchronized");
    try {
      const { terminal } = await make({ batteryBacked: false, synchronizedFile });
      expect(terminal.clock.confirmation()).toBeNull();
      expect(await terminal.tap(1n)).toMatchObject({ outcome: "refused", code: "CLOCK_UNCONFIRMED" });
      writeFileSync(synchronizedFile, "");
      expect(terminal.clock.confirmation()).toBe("network");
      expect(await terminal.tap(1n)).toMatchObject({ outcome: "accepted" });
      terminal.now -= 1;
      expect(await terminal.tap(1n)).toMatchObject({ outcome: "refused", code: "CLOCK_BELOW_FLOOR" });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("raises the floor by a head, which confirms nothing", async () => {
    const { terminal, settlement, run } = await make({ batteryBacked: false }, { list: false });
    settlement.readSeconds = null;
    settlement.list = await signList({ issuedAt: START - 5 });
    expect(await run()).toMatchObject({ statusList: { seq: 1, replaced: true }, faults: [] });
    expect([terminal.clock.confirmation(), terminal.clock.floor()]).toEqual([null, START - 305]);
    expect(await terminal.tap(1n)).toMatchObject({ code: "CLOCK_UNCONFIRMED" });
    terminal.restart();
    expect(terminal.gateway.lists.all()).toHaveLength(1);
  });

  it("does not trust a clock that is more than 300 s behind the head's time", async () => {
    const { terminal, settlement, run } = await make({ batteryBacked: false }, { list: false });
    settlement.readSeconds = () => START + 300;
    settlement.list = await signList({ issuedAt: START + 301 });
    await run();
    expect(terminal.clock.confirmation()).toBe("settlement");
    expect(await terminal.tap(1n)).toMatchObject({ code: "CLOCK_BELOW_FLOOR" });
    terminal.now += 1;
    expect(await terminal.tap(1n)).toMatchObject({ outcome: "accepted" });
  });

  it("asks for the time where nothing else is sent, and sells by the answer", async () => {
    const { terminal, settlement, run } = await make({ batteryBacked: false }, { list: false });
    expect((await run()).faults).toEqual([]);
    expect([settlement.uploads.length, settlement.questions.length]).toEqual([0, 1]);
    expect([terminal.clock.confirmation(), terminal.clock.fault()]).toEqual(["settlement", null]);
    expect(await terminal.tap(1n)).toMatchObject({ outcome: "accepted" });
    await run();
    expect(settlement.questions).toHaveLength(1);
    terminal.restart();
    expect(terminal.clock.fault()).toBe("CLOCK_UNCONFIRMED");
  });

  it.each([
    [
      "another key's",
      async () => await signList({ seq: 2 }, testSigner("nobody pinned")),
      "STATUS_LIST_SIGNATURE_WRONG",
    ],
    ["a changed head", async () => changed(await signList({ seq: 2 }), "head", 40), "STATUS_LIST_SIGNATURE_WRONG"],
    ["another vault's", async () => changed(await signList({ seq: 2 }), "head", 20), "STATUS_LIST_OTHER_DOMAIN"],
    [
      "a cut head",
      async () => ({ ...(await signList({ seq: 2 })), head: new Uint8Array(80) }),
      "STATUS_LIST_MALFORMED",
    ],
    [
      "another list under the head",
      async () => ({
        ...(await signList({ seq: 2 })),
        packedList: (await signList({ statuses: [0, 0, 2, 0] })).packedList,
      }),
      "STATUS_LIST_HASH_WRONG",
    ],
    [
      "no deflate",
      async () => ({ ...(await signList({ seq: 2 })), packedList: Uint8Array.of(0xff) }),
      "STATUS_LIST_MALFORMED",
    ],
    ["an older", async () => await signList({ seq: 0 }), "STATUS_LIST_OLDER"],
  ])("does not take %s list", async (_, list, code) => {
    const { terminal, settlement, run } = await make({ batteryBacked: false });
    settlement.readSeconds = null;
    settlement.list = await list();
    expect(await run()).toMatchObject({ faults: [{ code }], statusList: { seq: 1, replaced: false } });
    expect(terminal.gateway.lists.all()).toMatchObject([{ head: { seq: 1 } }]);
    expect(terminal.clock.confirmation()).toBeNull();
  });

  it("keeps the list through a restart and sells on it for its age, offline", async () => {
    const { terminal, settlement } = await make();
    settlement.unreachable = true;
    terminal.now += 7 * DAY - 60;
    terminal.restart();
    expect(await terminal.tap(1n)).toMatchObject({ outcome: "accepted" });
    terminal.now += 1;
    expect(await terminal.tap(1n)).toMatchObject({ outcome: "refused", code: "STATUS_LIST_TOO_OLD" });
  });
});

function changed(offered: OfferedList, field: "head", at: number): OfferedList {
  const bytes = Uint8Array.from(offered[field]);
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  return { ...offered, [field]: bytes };
}
