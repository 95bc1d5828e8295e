import { describe, expect, it } from "@jest/globals";
import {
  createSigner,
  digestOf,
  encodeMerchantCertificate,
  encodeUpload,
  encodeUploadBody,
  toAddress,
  uncompressKey,
  type MerchantCertificate,
  type Upload,
} from "@tallystick/protocol";
import { createNativeEngine } from "../../foundation/keys/signature-engine.ts";
import { verifyUpload, type UploadBytes } from "./verify-upload.ts";

const domain = { chainId: 31_337n, vault: toAddress(Buffer.alloc(20, 0x51)) };
const elsewhere = { ...domain, chainId: 1n };
const payee = toAddress(Buffer.alloc(20, 0x91));
const terminalId = Buffer.alloc(8, 3);
const [old, issuer, terminal] = [1, 2, 3].map((seed) => createSigner(Buffer.alloc(32, seed))) as [
  ReturnType<typeof createSigner>,
  ReturnType<typeof createSigner>,
  ReturnType<typeof createSigner>,
];
const issuerKeys = [old, issuer].map(({ publicKey }, index) => ({ domain, id: index + 1, publicKey }));
const context = { domain, issuerKeys, arrival: { at: 1_790_000_000, uploadWindowSeconds: 604_800 }, withdrawnAt: null };

const certified: MerchantCertificate = {
  ...{ domain, issuerKeyId: 2, payee, category: 3, terminalId, terminalKey: uncompressKey(terminal.publicKey) },
  ...{ notBefore: 0, notAfter: 0xffff_ffff, perTap: 20n, unsentSum: 1n, unsentCount: 1 },
  ...{ perCardSum: 50n, softwareSum: 20n },
};

/** An upload of the terminal, with something changed before it and its certificate are signed. */
async function made(
  change: {
    upload?: Partial<Upload>;
    certificate?: Partial<MerchantCertificate>;
    body?: Uint8Array;
    by?: typeof old;
  } = {},
): Promise<UploadBytes> {
  const body = change.body ?? encodeUploadBody({ version: 1, entries: [] });
  const upload = encodeUpload({
    ...{ domain, payee, terminalId, uploadSeq: 1, previousJournalHead: Buffer.alloc(32), bodyHash: digestOf(body) },
    ...change.upload,
  });
  const certificate = encodeMerchantCertificate({ ...certified, ...change.certificate });
  const signature = await terminal.sign(digestOf(upload));
  const certificateSignature = await (change.by ?? issuer).sign(digestOf(certificate));
  return { upload, signature, certificate, certificateSignature, body };
}

const verify = (bytes: UploadBytes) => verifyUpload(bytes, context, createNativeEngine());

describe("an upload", () => {
  it("is trusted by the key that its certificate names, be it the newest or an old one", async () => {
    for (const [by, issuerKeyId] of [
      [issuer, 2],
      [old, 1],
    ] as const) {
      const verdict = verify(await made({ by, certificate: { issuerKeyId } }));
      expect(verdict).toMatchObject({ ok: true, issuerKeyId, malformed: null, entries: [] });
    }
  });

  it.each<[string, Parameters<typeof made>[0]]>([
    ["DOMAIN", { upload: { domain: elsewhere } }],
    ["DOMAIN", { certificate: { domain: elsewhere } }],
    ["CERTIFICATE", { upload: { payee: toAddress(Buffer.alloc(20, 1)) } }],
    ["CERTIFICATE", { upload: { terminalId: Buffer.alloc(8, 4) } }],
    ["CERTIFICATE_SIGNATURE", { certificate: { issuerKeyId: 1 } }],
    ["CERTIFICATE_SIGNATURE", { certificate: { issuerKeyId: 3 } }],
    ["CERTIFICATE_SIGNATURE", { by: terminal }],
    ["UPLOAD_SIGNATURE", { certificate: { terminalKey: uncompressKey(issuer.publicKey) } }],
    ["BODY_HASH", { upload: { bodyHash: Buffer.alloc(32) } }],
  ])("is not trusted, by %s, where it has %j", async (fault, change) => {
    expect(verify(await made(change))).toEqual({ ok: false, fault });
  });

  it("is trusted whatever its body is worth, and says why no decoder takes that", async () => {
    const verdict = verify(await made({ body: Buffer.from("no body") }));
    expect(verdict).toMatchObject({ ok: true, entries: [] });
    expect(verdict.ok ? verdict.malformed : null).toMatch(/^[A-Z_]+: \w/);
  });
});
