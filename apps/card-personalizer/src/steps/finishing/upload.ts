import { fromHex } from "@tallystick/protocol";
import { Failure } from "../../failures.ts";
import type { CertificateOptions } from "../../terminal/certificate.ts";
import { inTurn } from "../../terminal/in-turn.ts";
import { journalUpload, resultOf, sendWaiting } from "../../terminal/uploads.ts";
import { textOf, type StepRunner } from "../step-runner.ts";

/** Uploads the final tap's voucher like any terminal (spec §5.8): signed, chained, any number of times with one effect. */
export async function uploadVoucher(steps: StepRunner, options: CertificateOptions): Promise<void> {
  await steps.run("upload", {
    work: async () => {
      const tap = steps.dataOf("final-tap");
      // The uploads of one terminal are a chain: cards of several readers come into it one by one.
      const body = await inTurn(options.journal, async () => {
        const added = await journalUpload(options, fromHex(textOf(tap, "bundle")));
        await sendWaiting(options);
        return added;
      });
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
