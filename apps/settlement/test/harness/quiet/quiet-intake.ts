import { fromHex, type PayRequest, type VoucherBundle, cardTag } from "@tallystick/protocol";
import { Intake, type TakenUpload } from "../../../src/vouchers/intake/intake.ts";
import { Receipts, type SignedReceipt } from "../../../src/vouchers/intake/receipts.ts";
import { VerificationPool } from "../../../src/vouchers/verification/verification-pool.ts";
import type { UploadBytes } from "../../../src/vouchers/verification/verify-upload.ts";
import type { QuietHarness } from "./quiet-harness.ts";
import type { TestTerminal, TestUpload } from "../test-terminal.ts";

/** Settlement's intake in a quiet harness, as its HTTP call would use it. */
export function intakeOf(harness: QuietHarness, issuer = harness.issuer): Intake {
  const receipts = new Receipts(harness.db, harness.domain, issuer, harness.config);
  const { db, domain, postings, clock, config } = harness;
  return new Intake(db, new VerificationPool(config), domain, issuer, receipts, postings, clock, config);
}

/** The bytes of a terminal's next upload. */
export async function nextUpload(terminal: TestTerminal, upload: TestUpload): Promise<UploadBytes> {
  const request = await terminal.upload(upload);
  const bytes = (text: string): Uint8Array => Buffer.from(text.slice(2), "hex");
  return {
    ...{ upload: bytes(request.upload), signature: bytes(request.signature), body: bytes(request.body) },
    ...{ certificate: bytes(request.certificate), certificateSignature: fromHex(request.certificateSignature, 64) },
  };
}

/** Lets a terminal send its next upload. */
export async function send(
  harness: QuietHarness,
  terminal: TestTerminal,
  upload: TestUpload,
  shown: SignedReceipt | null = null,
): Promise<TakenUpload> {
  return intakeOf(harness).take(await nextUpload(terminal, upload), shown);
}

/** What an upload's answer says of each voucher. */
export async function statuses(taken: Promise<TakenUpload>): Promise<(readonly [string, string | null])[]> {
  return (await taken).outcomes.map(({ status, code }) => [status, code]);
}

/** The reversal of the request that a voucher answers, for a terminal to sign. */
export function reversalOf(
  harness: QuietHarness,
  { cardKey, message, context }: VoucherBundle,
): { cardKey: Uint8Array; request: PayRequest } {
  return {
    cardKey,
    request: {
      ...{ cardTag: cardTag(harness.domain, cardKey), counter: message.counter, payee: message.payee },
      ...{ amount: message.amount, time: context.time, challenge: context.challenge },
      ...{ terminalId: context.terminalId, category: context.category },
    },
  };
}
