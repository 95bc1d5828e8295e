import {
  decodeStateProof,
  decodeVoucherBundle,
  fromHex,
  stateProofEntry,
  type UploadEntry,
  voucherEntry,
} from "@tallystick/protocol";
import { Failure } from "../../failures.ts";
import type { CertificateOptions } from "../../terminal/certificate.ts";
import { journalUpload, resultOf, sendWaiting } from "../../terminal/uploads.ts";
import type { StepData } from "../../journal/journal.ts";
import { textOf, type StepRunner } from "../step-runner.ts";

/**
 * Uploads what the final tap left, the voucher or the proof of state, like any terminal (spec §5.8): signed, chained, any number
 * of times with one effect.
 */
export async function uploadVoucher(steps: StepRunner, options: CertificateOptions): Promise<void> {
  await steps.run("upload", {
    work: async () => {
      const tap = steps.dataOf("final-tap");
      if (tap["seen"] === "configuration") {
        await journalUpload(options, proofOf(tap, steps));
        await sendWaiting(options);
        return { status: "new" };
      }
      const body = await journalUpload(options, voucherEntry(decodeVoucherBundle(fromHex(textOf(tap, "bundle")))));
      await sendWaiting(options);
      const result = resultOf(options, body, textOf(tap, "voucherId"));
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

function proofOf(tap: StepData, steps: StepRunner): UploadEntry {
  return stateProofEntry({
    cardKey: fromHex(textOf(steps.dataOf("generate-key"), "cardKey")),
    proof: decodeStateProof(fromHex(textOf(tap, "proof"))),
    signature: fromHex(textOf(tap, "proofSignature")),
  });
}
