import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { digestOf, encodeReceipt, fromHex, toHex, type VoucherBundle } from "@tallystick/protocol";
import type { UploadRequest } from "@tallystick/protocol/wire";
import { claim } from "./harness/claim.ts";
import { eventually } from "./harness/eventually.ts";
import { certifiedTerminal, fundedCard } from "./harness/issued.ts";
import { createHarness, type SettlementHarness, type TestService } from "./harness/settlement-harness.ts";
import { idOf, type TestCard } from "./harness/test-card.ts";
import type { TestTerminal } from "./harness/test-terminal.ts";

/** Settlement's clock is so far ahead that what is sold now arrives late by it. */
const AHEAD_SECONDS = 2_000;
const U = 600;

describe("the arrival of a voucher", () => {
  let harness: SettlementHarness;
  let service: TestService;
  let one: TestTerminal;
  let two: TestTerminal;

  beforeAll(async () => {
    harness = await createHarness("PackedVault");
    harness.startMining();
    const clock = { now: () => Date.now() + AHEAD_SECONDS * 1_000 };
    service = await harness.start(await harness.createDatabase(), { uploadWindowSeconds: U }, clock);
    one = await certifiedTerminal(harness, service);
    two = await certifiedTerminal(harness, service);
  });
  afterAll(async () => {
    await service?.stop();
    await harness.stop();
  });

  const view = async (bundle: VoucherBundle) => (await service.call("GET", `/v1/vouchers/${idOf(bundle)}`)).body;
  const becomes = (bundle: VoucherBundle, state: string) =>
    eventually(
      () => view(bundle),
      (seen) => seen.state === state,
    );
  const send = async (upload: UploadRequest) => {
    const answer = await service.call("POST", "/v1/uploads", { body: upload });
    expect(answer.status).toBe(200);
    return answer.body;
  };
  const pay = (card: TestCard, { payee, terminalId }: TestTerminal) =>
    card.pay({ payee, amount: 1_000_000n, terminalId });
  /** Two messages of one counter, at two terminals. */
  async function fork(): Promise<{ first: VoucherBundle; second: VoucherBundle }> {
    const card = await fundedCard(harness, service, "20.00");
    const clone = card.clone();
    return { first: await pay(card, one), second: await pay(clone, two) };
  }
  /** A receipt of an upload, as settlement gave it before its database was restored. */
  async function withReceipt(upload: UploadRequest, receivedAt: number): Promise<UploadRequest> {
    const { domain, payee, terminalId } = two;
    const bytes = encodeReceipt({
      ...{ domain, issuerKeyId: 1, payee, terminalId, uploadSeq: two.seq - 1, receivedAt },
      uploadHash: digestOf(fromHex(upload.upload)),
    });
    const signature = await service.platform.issuer.sign(digestOf(bytes));
    return { ...upload, receipt: toHex(bytes), receiptSignature: toHex(signature) };
  }
  it("is that of its upload where nothing shows an earlier one", async () => {
    const { first, second } = await fork();
    await send(await one.upload({ vouchers: [first] }));
    const { results } = await send(await two.upload({ vouchers: [second] }));
    expect(results).toMatchObject([{ status: "forked" }]);
    await becomes(first, "final");
    expect(await becomes(second, "disputed")).toMatchObject({ code: "LATE" });
  });

  it.each(["another upload that held it", "the same upload, sent again"])(
    "is that of a receipt over %s",
    async (which) => {
      const { first, second } = await fork();
      await harness.stopMining();
      await send(await one.upload({ vouchers: [first] }));
      const upload = await two.upload({ vouchers: [second] });
      await send(upload);
      await eventually(
        () => view(second),
        ({ state }) => state === "forked",
      );
      const again = which.startsWith("another") ? await two.upload({ vouchers: [second] }) : upload;
      const { results } = await send(await withReceipt(again, second.context.time));
      expect(results).toMatchObject([{ status: "duplicate" }]);
      harness.startMining();
      await becomes(first, "final");
      expect(await becomes(second, "compensated")).toMatchObject({ code: null });
    },
  );

  it.each([
    ["signed by its card counts", false, "compensated", null],
    ["with another signature does not count", true, "disputed", "LATE"],
  ] as const)("is that of a final block whose payload held it: one %s", async (_, forged, state, code) => {
    const { first, second } = await fork();
    const { db } = service.platform;
    await claim(harness, first);
    await claim(harness, second, { forged });
    const block = BigInt((await harness.rpc("eth_blockNumber")) as string);
    await eventually(
      () => db.selectFrom("chain_cursor").select("block_number").executeTakeFirst(),
      (cursor) => (cursor?.block_number ?? 0n) >= block,
    );
    await send(await one.upload({ vouchers: [first] }));
    await send(await two.upload({ vouchers: [second] }));
    expect(await becomes(second, state)).toMatchObject({ code });
  });

  it("is evidence: its proofs are neither changed nor removed", async () => {
    for (const table of ["arrival_receipts", "arrival_payloads"]) {
      await expect(service.platform.pool.query(`delete from ${table}`)).rejects.toMatchObject({ code: "TS001" });
    }
  });
});
