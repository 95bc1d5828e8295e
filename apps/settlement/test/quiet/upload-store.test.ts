import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import {
  createSigner,
  decodeReceipt,
  decodeUpload,
  digestOf,
  encodeReceipt,
  encodeUpload,
  toAddress,
  journalHead,
  toHex,
  verifyDigest,
  type Upload,
} from "@tallystick/protocol";
import { issuerOf } from "../../src/foundation/keys/issuer.ts";
import type { SignedReceipt } from "../../src/vouchers/intake/receipts.ts";
import { MalformedBody } from "../../src/vouchers/intake/intake.ts";
import type { UploadBytes } from "../../src/vouchers/verification/verify-upload.ts";
import { NOW, QuietHarness, refuses } from "../harness/quiet/quiet-harness.ts";
import { intakeOf, nextUpload, send } from "../harness/quiet/quiet-intake.ts";
import type { TestTerminal } from "../harness/test-terminal.ts";

let harness: QuietHarness;
let terminal: TestTerminal;
const BYTES_A_DAY = 1_000_000;
const REFUSED_A_DAY = 50;

beforeAll(async () => {
  harness = await QuietHarness.open({
    ...{ receiptsPerDay: 4, uploadBytesPerDay: BYTES_A_DAY, refusedEntriesPerDay: REFUSED_A_DAY },
  });
});
afterAll(() => harness.close());
beforeEach(async () => {
  harness.nowMs = NOW * 1_000;
  terminal = await harness.terminal();
});

const take = (bytes: UploadBytes, shown: Parameters<ReturnType<typeof intakeOf>["take"]>[1] = null) =>
  intakeOf(harness).take(bytes, shown);
const upload = () => nextUpload(terminal, {});
const headOf = (bytes: UploadBytes): Upload => decodeUpload(bytes.upload);

async function anomalies(): Promise<string[]> {
  const rows = await harness.db
    .selectFrom("anomalies")
    .select(["kind", "detail", "upload", "found_at"])
    .where("terminal_id", "=", terminal.terminalId)
    .orderBy("id")
    .execute();
  for (const { detail, found_at: foundAt } of rows) {
    expect(detail).toMatch(/\w \w/);
    expect(foundAt).toEqual(new Date(harness.nowMs));
  }
  return rows.map(({ kind }) => kind);
}

describe("a terminal's chain of uploads", () => {
  it("is whole, also when one comes again", async () => {
    const [first, second, third] = [await upload(), await upload(), await upload()];
    for (const bytes of [first, second, second, third, first]) await take(bytes);
    expect(await anomalies()).toEqual([]);
  });

  it("has a gap where the one before is missing", async () => {
    await upload();
    await take(await upload());
    expect(await anomalies()).toEqual(["UPLOAD_GAP"]);
  });

  it("begins with no head before it", async () => {
    terminal.head = Buffer.alloc(32, 1);
    await take(await upload());
    expect(await anomalies()).toEqual(["UPLOAD_HEAD"]);
  });

  it("is broken where one does not follow the one before", async () => {
    await take(await upload());
    terminal.head = Buffer.alloc(32, 1);
    await take(await upload());
    expect(await anomalies()).toEqual(["UPLOAD_HEAD"]);
  });

  it("is forked where a number was used twice, and goes on from either", async () => {
    const first = await upload();
    await take(first);
    const left = await upload();
    await take(left);
    terminal.seq = 2;
    terminal.head = journalHead(headOf(first));
    const card = await harness.card();
    await take(await nextUpload(terminal, { stateProofs: [await card.prove()] }));
    expect(await anomalies()).toEqual(["UPLOAD_FORK"]);
    terminal.head = journalHead(headOf(left));
    await take(await upload());
    expect(await anomalies()).toEqual(["UPLOAD_FORK"]);
  });

  it("is its own: another terminal of the payee has another", async () => {
    await take(await upload());
    const other = await harness.terminal({}, terminal.payee);
    await take(await nextUpload(other, {}));
    expect(await anomalies()).toEqual([]);
  });
});

describe("an upload that is not trusted", () => {
  it.each<[string, (bytes: UploadBytes) => Partial<UploadBytes> | Promise<Partial<UploadBytes>>]>([
    [
      "another terminal's certificate",
      async () => {
        const other = await nextUpload(await harness.terminal({}, terminal.payee), {});
        return { certificate: other.certificate, certificateSignature: other.certificateSignature };
      },
    ],
    [
      "another payee's certificate",
      async () => {
        const other = await nextUpload(await harness.terminal(), {});
        return { certificate: other.certificate, certificateSignature: other.certificateSignature };
      },
    ],
    ["a certificate that the issuer did not sign", ({ signature }) => ({ certificateSignature: signature })],
    ["an upload that the terminal did not sign", ({ certificateSignature }) => ({ signature: certificateSignature })],
    ["another body", ({ body }) => ({ body: Buffer.concat([body, Buffer.alloc(1)]) })],
  ])("leaves nothing behind: %s", async (_what, change) => {
    const bytes = await upload();
    await refuses(take({ ...bytes, ...(await change(bytes)) }), "UPLOAD_UNTRUSTED");
    for (const table of ["uploads", "receipts"] as const) {
      const rows = await harness.db.selectFrom(table).select("payee").where("payee", "=", terminal.payee).execute();
      expect(rows).toEqual([]);
    }
  });
});

describe("a body", () => {
  const keptBody = async (bytes: UploadBytes): Promise<number> => {
    const query = harness.db.selectFrom("uploads").select("body").where("hash", "=", digestOf(bytes.upload));
    return (await query.executeTakeFirstOrThrow()).body.length;
  };

  it("is kept where anything of it was taken, and not where every entry was refused", async () => {
    const card = await harness.card();
    const [good, other] = [await harness.pay(card, terminal, 1n), await harness.pay(card, terminal, 2n)];
    const forged = { ...other, signature: good.signature };
    const refused = await nextUpload(terminal, { vouchers: [forged, forged] });
    const { outcomes } = await take(refused);
    expect(outcomes.map(({ status }) => status)).toEqual(["refused", "refused"]);
    expect(await keptBody(refused)).toBe(0);
    const mixed = await nextUpload(terminal, { vouchers: [good, forged] });
    await take(mixed);
    expect(await keptBody(mixed)).toBe(mixed.body.length);
    const empty = await upload();
    await take(empty);
    expect(await keptBody(empty)).toBe(empty.body.length);
    // Again it is answered alike.
    expect((await take(refused)).outcomes.map(({ status }) => status)).toEqual(["refused", "refused"]);
  });
});

describe("a receipt", () => {
  it("is signed for the upload, with the time of its first arrival, and stays the same", async () => {
    const bytes = await upload();
    const { receipt } = await take(bytes);
    if (receipt === null) throw new Error("There is no receipt.");
    const content = decodeReceipt(receipt.receipt);
    expect(content).toMatchObject({ receivedAt: NOW, issuerKeyId: 1, uploadSeq: 1 });
    expect(toHex(content.uploadHash)).toBe(toHex(digestOf(bytes.upload)));
    expect(verifyDigest(receipt.signature, digestOf(receipt.receipt), harness.issuer.publicKey)).toBe(true);
    harness.nowMs += 5_000;
    expect((await take(bytes)).receipt).toEqual({
      receipt: Buffer.from(receipt.receipt),
      signature: Buffer.from(receipt.signature),
    });
  });

  it("counts whole seconds", async () => {
    harness.nowMs += 999;
    const { receipt } = await take(await upload());
    expect(decodeReceipt(receipt?.receipt ?? Buffer.alloc(0)).receivedAt).toBe(NOW);
  });

  it("is given so many times a day to one terminal, and the same one any number of times", async () => {
    const first = await upload();
    await take(first);
    await take(await upload());
    await take(await upload());
    await take(await upload());
    const surplus = await upload();
    await refuses(take(surplus), "RECEIPT_QUOTA");
    await take(first);
    const other = await harness.terminal({}, terminal.payee);
    await take(await nextUpload(other, {}));
    harness.nowMs += 86_400_000 - 1;
    await refuses(take(surplus), "RECEIPT_QUOTA");
    harness.nowMs += 1;
    expect((await take(surplus)).receipt).not.toBeNull();
  });

  it.each(["body_bytes", "refused_entries"] as const)("is given up to a day's %s, to the last one", async (column) => {
    for (const more of [0, 1]) {
      terminal = await harness.terminal();
      const paid = await harness.pay(await harness.card(), terminal, 1n);
      const refused = { ...paid, signature: new Uint8Array(64).fill(1) };
      const [first, second] = [
        await nextUpload(terminal, { vouchers: [refused] }),
        await nextUpload(terminal, { vouchers: [refused] }),
      ];
      await take(first);
      const receipts = harness.db.selectFrom("receipts").selectAll().where("upload", "=", digestOf(first.upload));
      const row = await receipts.executeTakeFirstOrThrow();
      expect([row.body_bytes, row.refused_entries]).toEqual([first.body.length, 1]);
      const rest = { body_bytes: BYTES_A_DAY - 2 * first.body.length, refused_entries: REFUSED_A_DAY - 2 }[column];
      const others = { ...row, upload: randomBytes(32), body_bytes: 0, refused_entries: 0, [column]: rest + more };
      await harness.db.insertInto("receipts").values(others).execute();
      if (more > 0) await refuses(take(second), "RECEIPT_QUOTA");
      else expect((await take(second)).receipt).not.toBeNull();
    }
  });

  it("is given for a trusted upload whose body no decoder takes; nothing else is kept", async () => {
    const bytes = await malformed();
    const error: unknown = await take(bytes).catch((fault: unknown) => fault);
    expect(error).toBeInstanceOf(MalformedBody);
    expect(decodeReceipt((error as MalformedBody).receipt?.receipt ?? Buffer.alloc(0)).receivedAt).toBe(NOW);
    const rows = await harness.db.selectFrom("uploads").select("hash").where("payee", "=", terminal.payee).execute();
    expect(rows).toEqual([]);
  });

  it("is none where settlement no longer holds the key that signed the certificate", async () => {
    const newer = issuerOf([{ id: 2, ...createSigner(randomBytes(32)) }], harness.issuer.knownKeys);
    expect((await intakeOf(harness, newer).take(await upload())).receipt).toBeNull();
  });

  /** An upload whose signed body is no body. */
  async function malformed(): Promise<UploadBytes> {
    const body = Buffer.from("no body");
    const { upload: bytes, ...rest } = await upload();
    const changed = encodeUpload({ ...decodeUpload(bytes), bodyHash: digestOf(body) });
    return { ...rest, body, upload: changed, signature: await terminal.signer.sign(digestOf(changed)) };
  }
});

describe("a receipt that comes with its upload to a database that has lost it", () => {
  let lost: QuietHarness;
  beforeAll(async () => {
    lost = await harness.emptied();
  });

  /** The time of the receipt that is given anew, a minute later. */
  async function shownLater(bytes: UploadBytes, shown: SignedReceipt | null): Promise<number> {
    lost.nowMs = (NOW + 60) * 1_000;
    const { receipt } = await intakeOf(lost).take(bytes, shown);
    return decodeReceipt(receipt?.receipt ?? Buffer.alloc(0)).receivedAt;
  }

  it("proves when it arrived first, and makes its vouchers as early", async () => {
    const sale = await harness.pay(await harness.card(), terminal, 5n);
    const bytes = await nextUpload(terminal, { vouchers: [sale] });
    expect(await shownLater(bytes, (await take(bytes)).receipt)).toBe(NOW);
    expect((await lost.voucher(sale)).received_at).toEqual(new Date(NOW * 1_000));
  });

  it.each<[string, (receipt: SignedReceipt) => SignedReceipt]>([
    [
      "is not signed by the issuer",
      ({ receipt, signature }) => ({ receipt, signature: Buffer.from(signature).reverse() }),
    ],
    ["is none", ({ signature }) => ({ receipt: Buffer.alloc(101), signature })],
    [
      "names a key that the issuer never had",
      ({ receipt, signature }) => ({
        receipt: encodeReceipt({ ...decodeReceipt(receipt), issuerKeyId: 9 }),
        signature,
      }),
    ],
  ])("proves nothing where it %s", async (_what, lie) => {
    const bytes = await upload();
    const { receipt } = await take(bytes);
    expect(await shownLater(bytes, receipt === null ? null : lie(receipt))).toBe(NOW + 60);
  });

  it.each([
    ["another vault", { domain: { chainId: 31_337n, vault: toAddress(Buffer.alloc(20, 9)) } }],
    ["another chain", { domain: { chainId: 1n, vault: toAddress(Buffer.alloc(20, 9)) } }],
  ])("proves nothing where the issuer signed it for %s", async (_what, change) => {
    const bytes = await upload();
    const { receipt } = await take(bytes);
    const other = encodeReceipt({ ...decodeReceipt(receipt?.receipt ?? Buffer.alloc(0)), ...change });
    const signed = { receipt: other, signature: await harness.issuer.sign(digestOf(other)) };
    expect(await shownLater(bytes, signed)).toBe(NOW + 60);
  });

  it("of another upload proves nothing", async () => {
    const { receipt } = await send(harness, terminal, {});
    expect(await shownLater(await upload(), receipt)).toBe(NOW + 60);
  });
});
