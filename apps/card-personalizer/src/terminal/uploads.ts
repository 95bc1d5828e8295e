import {
  decodeUpload,
  digestOf,
  encodeUpload,
  encodeUploadBody,
  journalHead,
  toHex,
  type UploadEntry,
} from "@tallystick/protocol";
import { uploadResponseSchema, type UploadResult } from "@tallystick/protocol/wire";
import { Failure } from "../failures.ts";
import { ensureCertificate, type CertificateOptions } from "./certificate.ts";

/** The hash before a terminal's first upload (spec §3.7). */
const noUploadBefore = new Uint8Array(32);

/** Puts an entry at the end of the terminal's chain of uploads; the same one stands there once. Answers its body. */
export async function journalUpload(
  { journal, terminal, config }: CertificateOptions,
  entry: UploadEntry,
): Promise<Uint8Array> {
  const body = encodeUploadBody({ version: 1, entries: [entry] });
  const same = journal.uploadWithBody(terminal.name, body);
  if (same !== null) return body;
  const last = journal.lastUpload(terminal.name);
  const seq = (last?.seq ?? 0) + 1;
  const upload = encodeUpload({
    domain: config.domain,
    payee: config.testPayee.payee,
    terminalId: config.testPayee.terminalId,
    uploadSeq: seq,
    previousJournalHead: last === null ? noUploadBefore : journalHead(decodeUpload(last.upload)),
    bodyHash: digestOf(body),
  });
  journal.addUpload(terminal.name, { seq, upload, body, signature: await terminal.signer.sign(digestOf(upload)) });
  return body;
}

/** Sends what settlement has not answered, oldest first: also what a killed run of another card left behind. */
export async function sendWaiting(options: CertificateOptions): Promise<void> {
  const { journal, terminal, settlement } = options;
  const waiting = journal.waitingUploads(terminal.name);
  if (waiting.length === 0) return;
  const { certificate, signature: certificateSignature } = await ensureCertificate(options);
  for (const { seq, upload, signature, body } of waiting) {
    const answer = await settlement.upload({
      upload: toHex(upload),
      signature: toHex(signature),
      certificate: toHex(certificate),
      certificateSignature: toHex(certificateSignature),
      body: toHex(body),
    });
    journal.answerUpload(terminal.name, seq, JSON.stringify(answer));
  }
}

/** What settlement answered of one voucher of an upload that was sent. */
export function resultOf({ journal, terminal }: CertificateOptions, body: Uint8Array, voucherId: string): UploadResult {
  const { answer } = journal.uploadWithBody(terminal.name, body) ?? { answer: null };
  const { results } = uploadResponseSchema.parse(JSON.parse(answer ?? "{}"));
  const result = results.find((each) => each.voucherId === voucherId);
  if (result === undefined) throw new Failure("SETTLEMENT_ANSWER", "It answered nothing about the voucher.");
  return result;
}
