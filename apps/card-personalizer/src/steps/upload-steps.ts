import {
  decodeUpload,
  decodeVoucherBundle,
  digestOf,
  encodeUpload,
  encodeUploadBody,
  fromHex,
  journalHead,
  toHex,
  uploadResponseSchema,
  voucherEntry,
  type UploadResult,
} from "@tallystick/protocol";
import { Failure } from "../failures.ts";
import type { JournalledUpload } from "../journal/journal.ts";
import { ensureCertificate, type CertificateOptions } from "./test-terminal.ts";
import { textOf, type StepRunner } from "./step-runner.ts";

/** Uploads the final tap's voucher like any terminal does: signed, chained, any number of times with one effect. */
export async function uploadVoucher(steps: StepRunner, options: CertificateOptions): Promise<void> {
  await steps.run("upload", {
    work: async () => {
      const tap = steps.dataOf("final-tap");
      const bundle = fromHex(textOf(tap, "bundle"));
      const voucherId = textOf(tap, "voucherId");
      const own = await journalUpload(options, bundle);
      await sendWaiting(options);
      const result = resultOf(options, own, voucherId);
      if (result.status === "refused" || result.status === "forked") {
        throw new Failure(
          "SETTLEMENT_REFUSED",
          `The final tap's voucher was ${result.status}: ${result.code ?? "no code"}.`,
        );
      }
      return { upload: own, status: result.status };
    },
  });
}

/** Puts the voucher at the end of the terminal's chain of uploads; the same voucher stands there once. Answers its seq. */
async function journalUpload({ journal, terminal, config }: CertificateOptions, bundle: Uint8Array): Promise<number> {
  const body = encodeUploadBody({ version: 1, entries: [voucherEntry(decodeVoucherBundle(bundle))] });
  const known = journal.uploads(terminal.name);
  const bodyHash = digestOf(body);
  const same = known.find((upload) => toHex(digestOf(upload.body)) === toHex(bodyHash));
  if (same !== undefined) return same.seq;
  const last = known.at(-1);
  const seq = (last?.seq ?? 0) + 1;
  const upload = encodeUpload({
    domain: config.domain,
    payee: config.testPayee.payee,
    terminalId: config.testPayee.terminalId,
    uploadSeq: seq,
    previousJournalHead: last === undefined ? new Uint8Array(32) : journalHead(decodeUpload(last.upload)),
    bodyHash,
  });
  journal.addUpload(terminal.name, { seq, upload, body, signature: await terminal.signer.sign(digestOf(upload)) });
  return seq;
}

/** Sends what the settlement has not answered, oldest first: also what a killed run of another card left behind. */
async function sendWaiting(options: CertificateOptions): Promise<void> {
  const { journal, terminal, settlement } = options;
  const waiting = journal.uploads(terminal.name).filter(({ answer }) => answer === null);
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

function resultOf({ journal, terminal }: CertificateOptions, seq: number, voucherId: string): UploadResult {
  const upload = journal.uploads(terminal.name).find((each: JournalledUpload) => each.seq === seq);
  const answer = uploadResponseSchema.parse(JSON.parse(upload?.answer ?? "{}"));
  const result = answer.results.find((each) => each.voucherId === voucherId);
  if (result === undefined) throw new Failure("SETTLEMENT_ANSWER", "It answered nothing about the voucher.");
  return result;
}
