import {
  decodeUpload,
  decodeVoucherBundle,
  digestOf,
  encodeUpload,
  encodeUploadBody,
  fromHex,
  journalHead,
  toHex,
  voucherEntry,
} from "@tallystick/protocol";
import { uploadResponseSchema, type UploadResult } from "@tallystick/protocol/wire";
import { Failure } from "../failures.ts";
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
      return { status: result.status };
    },
  });
}

/** Puts the voucher at the end of the terminal's chain of uploads; the same voucher stands there once. Answers its body. */
async function journalUpload(
  { journal, terminal, config }: CertificateOptions,
  bundle: Uint8Array,
): Promise<Uint8Array> {
  const body = encodeUploadBody({ version: 1, entries: [voucherEntry(decodeVoucherBundle(bundle))] });
  const same = journal.uploadWithBody(terminal.name, body);
  if (same !== null) return body;
  const last = journal.lastUpload(terminal.name);
  const seq = (last?.seq ?? 0) + 1;
  const upload = encodeUpload({
    domain: config.domain,
    payee: config.testPayee.payee,
    terminalId: config.testPayee.terminalId,
    uploadSeq: seq,
    previousJournalHead: last === null ? new Uint8Array(32) : journalHead(decodeUpload(last.upload)),
    bodyHash: digestOf(body),
  });
  journal.addUpload(terminal.name, { seq, upload, body, signature: await terminal.signer.sign(digestOf(upload)) });
  return body;
}

/** Sends what the settlement has not answered, oldest first: also what a killed run of another card left behind. */
async function sendWaiting(options: CertificateOptions): Promise<void> {
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

function resultOf({ journal, terminal }: CertificateOptions, body: Uint8Array, voucherId: string): UploadResult {
  const { answer } = journal.uploadWithBody(terminal.name, body) ?? { answer: null };
  const { results } = uploadResponseSchema.parse(JSON.parse(answer ?? "{}"));
  const result = results.find((each) => each.voucherId === voucherId);
  if (result === undefined) throw new Failure("SETTLEMENT_ANSWER", "It answered nothing about the voucher.");
  return result;
}
