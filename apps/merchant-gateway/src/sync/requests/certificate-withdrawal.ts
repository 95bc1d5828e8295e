import type { ServedDomain } from "../../config/gateway-config.ts";
import type { Journal } from "../../journal/journal.ts";

interface WithdrawalParts {
  readonly journal: Pick<Journal, "write" | "certificates">;
  readonly clock: { now(): number };
  /** Says it once to whoever reads the log. */
  readonly report: (message: string) => void;
}

/**
 * What is done when settlement says from which second on the issuer has withdrawn the terminal's
 * certificate: it is durable before anything else of the answer is taken (spec §5.17).
 */
export function keepingWithdrawals({
  journal,
  clock,
  report,
}: WithdrawalParts): (served: ServedDomain, from: number) => void {
  return ({ domainBytes, asset }, from) => {
    const isNews = journal.write(() => journal.certificates.withdraw({ domainBytes, from }, clock.now()));
    if (isNews) {
      const since = new Date(from * 1_000).toISOString();
      report(
        `The issuer has withdrawn this terminal's certificate for ${asset.code} from ${since} on: it sells nothing more from then on. Ask the issuer; what was sold before is still sent.`,
      );
    }
  };
}
