import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import {
  challengeEntry,
  createSigner,
  decodeReceipt,
  digestOf,
  encodeDomain,
  encodeReceipt,
  fromHex,
  type Receipt,
  toHex,
  type UploadEntry,
  verifyDigest,
} from "@tallystick/protocol";
import { uploadResponseSchema, type UploadRequest } from "@tallystick/protocol/wire";
import { certifiedTerminal } from "./harness/issued.ts";
import {
  createHarness,
  type SettlementHarness,
  type TestAnswer,
  type TestService,
} from "./harness/settlement-harness.ts";
import { type TestTerminal } from "./harness/test-terminal.ts";

const DAY = 86_400;

describe("the receipt of an upload", () => {
  let harness: SettlementHarness;
  let service: TestService;
  let terminal: TestTerminal;

  beforeAll(async () => {
    harness = await createHarness();
    service = await harness.start(await harness.createDatabase(), { roles: ["api"], receiptsPerDay: 3 });
  });
  afterAll(async () => {
    await service.stop();
    await harness.stop();
  });

  const send = (body: unknown): Promise<TestAnswer> => service.call("POST", "/v1/uploads", { body });
  const challenge = (): UploadEntry => challengeEntry({ challenge: randomBytes(16) });
  const receiptOf = ({ body }: TestAnswer): Receipt => decodeReceipt(fromHex(body.receipt, 101));
  const rows = async (table: string, made: TestTerminal): Promise<number> => {
    const { rows: found } = await service.platform.pool.query(
      `select count(*)::int as n from ${table} where payee = $1`,
      [Buffer.from(made.payee)],
    );
    return (found[0] as { n: number }).n;
  };
  const signed = async (receipt: Receipt, sign = (digest: Uint8Array) => service.platform.issuer.sign(digest)) => {
    const bytes = encodeReceipt(receipt);
    return { receipt: toHex(bytes), receiptSignature: toHex(await sign(digestOf(bytes))) };
  };
  /** Another body under a head that signs its hash. */
  const withBody = async (made: TestTerminal, body: string): Promise<UploadRequest> => {
    const upload = await made.upload({});
    const head = Buffer.from(upload.upload.slice(2), "hex");
    digestOf(Buffer.from(body.slice(2), "hex")).forEach((byte, index) => (head[96 + index] = byte));
    return { ...upload, upload: toHex(head), signature: toHex(await made.signer.sign(digestOf(head))), body };
  };

  it("is signed by the issuer key of the certificate, and names this upload", async () => {
    terminal = await certifiedTerminal(harness, service);
    const upload = await terminal.upload({ entries: [challenge()] });
    const before = Math.floor(Date.now() / 1_000);
    const answer = await send(upload);
    expect([answer.status, answer.body.results]).toEqual([200, []]);
    expect(uploadResponseSchema.safeParse(answer.body).success).toBe(true);
    const receipt = receiptOf(answer);
    expect(toHex(encodeDomain(receipt.domain))).toBe(toHex(encodeDomain(harness.domain)));
    expect(receipt).toMatchObject({ issuerKeyId: 1, uploadSeq: 1 });
    expect([toHex(receipt.payee), toHex(receipt.terminalId)]).toEqual([
      toHex(terminal.payee),
      toHex(terminal.terminalId),
    ]);
    expect(toHex(receipt.uploadHash)).toBe(toHex(digestOf(fromHex(upload.upload))));
    expect(receipt.receivedAt).toBeGreaterThanOrEqual(before);
    expect(receipt.receivedAt).toBeLessThanOrEqual(Math.floor(Date.now() / 1_000));
    const { publicKey } = service.platform.issuer;
    const signature = fromHex(answer.body.receiptSignature, 64);
    expect(verifyDigest(signature, digestOf(fromHex(answer.body.receipt)), publicKey)).toBe(true);
  });

  it("is the first one again for an upload that is repeated, also ten times at once", async () => {
    const made = await certifiedTerminal(harness, service);
    const upload = await made.upload({ entries: [challenge()] });
    const answers = await Promise.all(Array.from({ length: 10 }, () => send(upload)));
    answers.push(await send(upload));
    expect(new Set(answers.map(({ body }) => body.receipt)).size).toBe(1);
    expect(await rows("receipts", made)).toBe(1);
  });

  it("comes with the problem of a malformed body too, and nothing else is stored", async () => {
    const made = await certifiedTerminal(harness, service);
    const upload = await withBody(made, `0x01${"040010".concat("00".repeat(16)).repeat(2)}`);
    const [answer, again] = [await send(upload), await send(upload)];
    expect([answer.status, answer.body.code]).toEqual([400, "MALFORMED_UPLOAD"]);
    expect(answer.type).toContain("application/problem+json");
    expect(toHex(receiptOf(answer).uploadHash)).toBe(toHex(digestOf(fromHex(upload.upload))));
    expect([again.status, again.body.receipt]).toEqual([400, answer.body.receipt]);
    expect([await rows("receipts", made), await rows("uploads", made)]).toEqual([1, 0]);
  });

  it("is never given for bytes that are not signed, or not those that were signed", async () => {
    const made = await certifiedTerminal(harness, service);
    const other = await certifiedTerminal(harness, service);
    const upload = await made.upload({ entries: [challenge()] });
    for (const untrusted of [
      { ...upload, body: "0x01" },
      { ...upload, signature: (await other.upload({})).signature },
      { ...upload, certificate: other.certificate.certificate, certificateSignature: other.certificate.signature },
      { ...upload, certificateSignature: other.certificate.signature },
    ]) {
      const answer = await send(untrusted);
      expect([answer.status, answer.body.code, answer.body.receipt]).toEqual([403, "UPLOAD_UNTRUSTED", undefined]);
    }
    expect(await rows("receipts", made)).toBe(0);
  });

  it("keeps the time of the one that comes along, where the database no longer knows the upload", async () => {
    const made = await certifiedTerminal(harness, service);
    const upload = await made.upload({ entries: [challenge()] });
    const receivedAt = Math.floor(Date.now() / 1_000) - 3 * DAY;
    const { domain, payee, terminalId } = made;
    const earlier: Receipt = {
      ...{ domain, issuerKeyId: 1, payee, terminalId, uploadSeq: 1, receivedAt },
      uploadHash: digestOf(fromHex(upload.upload)),
    };
    const answer = await send({ ...upload, ...(await signed(earlier)) });
    expect(receiptOf(answer).receivedAt).toBe(receivedAt);
    const { rows: stored } = await service.platform.pool.query(
      "select extract(epoch from received_at)::bigint as at from uploads where payee = $1",
      [Buffer.from(payee)],
    );
    expect(Number((stored[0] as { at: string }).at)).toBe(receivedAt);
  });

  it.each<[string, (receipt: Receipt) => Partial<Receipt>, boolean]>([
    ["another upload", () => ({ uploadHash: new Uint8Array(32).fill(7) }), true],
    ["another domain", ({ domain }) => ({ domain: { ...domain, chainId: 1n } }), true],
    ["a key that this issuer never had", () => ({ issuerKeyId: 9 }), true],
    ["nobody's signature", () => ({}), false],
  ])("takes no time from a receipt of %s", async (_, change, bySigner) => {
    const made = await certifiedTerminal(harness, service);
    const upload = await made.upload({ entries: [challenge()] });
    const now = Math.floor(Date.now() / 1_000);
    const { domain, payee, terminalId } = made;
    const honest: Receipt = {
      ...{ domain, issuerKeyId: 1, payee, terminalId, uploadSeq: 1, receivedAt: now - DAY },
      uploadHash: digestOf(fromHex(upload.upload)),
    };
    const forger = createSigner(randomBytes(32));
    const shown = await signed(
      { ...honest, ...change(honest) },
      bySigner ? undefined : (digest) => forger.sign(digest),
    );
    const answer = await send({ ...upload, ...shown });
    expect(answer.status).toBe(200);
    expect(receiptOf(answer).receivedAt).toBeGreaterThanOrEqual(now);
  });

  it("is bounded for each terminal and day; an upload that has one is answered all the same", async () => {
    const made = await certifiedTerminal(harness, service);
    const first = await made.upload({ entries: [challenge()] });
    await send(first);
    for (let count = 1; count < 3; count += 1) expect((await send(await made.upload({}))).status).toBe(200);
    const above = await send(await made.upload({}));
    expect([above.status, above.body.code]).toEqual([429, "RECEIPT_QUOTA"]);
    expect([await rows("receipts", made), await rows("uploads", made)]).toEqual([3, 3]);
    expect((await send(first)).status).toBe(200);
    expect((await send(await (await certifiedTerminal(harness, service)).upload({}))).status).toBe(200);
  });

  it("is left out under a certificate of a key that settlement no longer holds", async () => {
    const former = createSigner(randomBytes(32));
    const after = await harness.start(await harness.createDatabase(), {
      roles: ["api"],
      formerIssuerKeys: [{ id: 7, publicKey: toHex(former.publicKey) }],
    });
    try {
      const made = await certifiedTerminal(harness, after);
      const certificate = Buffer.from(made.certificate.certificate.slice(2), "hex");
      certificate[32] = 7;
      made.certificate = {
        certificate: toHex(certificate),
        signature: toHex(await former.sign(digestOf(certificate))),
      };
      const answer = await after.call("POST", "/v1/uploads", { body: await made.upload({ entries: [challenge()] }) });
      expect([answer.status, answer.body]).toEqual([200, { results: [] }]);
    } finally {
      await after.stop();
    }
  });

  it("is evidence: its row is neither changed nor removed", async () => {
    const { pool } = service.platform;
    await expect(pool.query("delete from receipts")).rejects.toMatchObject({ code: "TS001" });
    await expect(pool.query("update receipts set received_at = 0")).rejects.toMatchObject({ code: "TS001" });
  });

  it("refuses half a receipt's bytes beside an upload", async () => {
    const made = await certifiedTerminal(harness, service);
    const upload = await made.upload({});
    const answer = await send({ ...upload, receipt: "0x00", receiptSignature: `0x${"00".repeat(64)}` });
    expect([answer.status, answer.body.code]).toEqual([400, "MALFORMED_BODY"]);
  });
});
