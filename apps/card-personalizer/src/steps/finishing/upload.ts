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
import { inTurn } from "../../terminal/in-turn.ts";
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
      // The uploads of one terminal are a chain: cards of several readers come into it one by one.
      const sent = async (entry: UploadEntry) =>
        await inTurn(options.journal, async () => {
          const added = await journalUpload(options, entry);
          await sendWaiting(options);
          return added;
        });
      if (tap["seen"] === "configuration") {
        await sent(proofOf(tap, steps));
        return { status: "new" };
      }
      const body = await sent(voucherEntry(decodeVoucherBundle(fromHex(textOf(tap, "bundle")))));
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
