import { fromHex } from "@tallystick/protocol";
import { Failure } from "../../failures.ts";
import type { CertificateOptions } from "../../terminal/certificate.ts";
import { journalUpload, resultOf, sendWaiting } from "../../terminal/uploads.ts";
import { textOf, type StepRunner } from "../step-runner.ts";

/** Uploads the final tap's voucher like any terminal (spec §5.8): signed, chained, any number of times with one effect. */
export async function uploadVoucher(steps: StepRunner, options: CertificateOptions): Promise<void> {
  await steps.run("upload", {
    work: async () => {
      const tap = steps.dataOf("final-tap");
      const body = await journalUpload(options, fromHex(textOf(tap, "bundle")));
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
