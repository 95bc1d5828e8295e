import { ensureCertificate, type CertificateOptions } from "../../terminal/certificate.ts";
import type { StepRunner } from "../step-runner.ts";

/** Certifies the issuer's own terminal, which the card will pay one unit (spec §3.4). */
export async function certifyTerminal(steps: StepRunner, options: CertificateOptions): Promise<void> {
  await steps.run("certificate", {
    work: async () => {
      await ensureCertificate(options);
      return {};
    },
  });
}
