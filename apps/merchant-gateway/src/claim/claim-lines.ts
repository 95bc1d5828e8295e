import { formatTotal } from "@tallystick/money";
import { toHex } from "@tallystick/protocol";
import type { ServedDomain } from "../config/gateway-config.ts";
import type { ClaimEvent, ClaimReport } from "./claim.ts";
import type { RefusedBundles } from "./judge-bundles.ts";

/** What the claim reports in each line. */
interface ClaimPlace {
  readonly schema: "tallystick.claim/1";
  readonly chainId: string;
  readonly vault: string;
  readonly currency: string;
}

/** Bundles of a file that are worth nothing here; nothing was sent for them. */
export type RefusedLine = RefusedBundles & {
  readonly schema: "tallystick.claim/1";
  readonly event: "refused";
  readonly file: string;
};

/** One line of the command; amounts are decimal strings. */
export type ClaimLine =
  | RefusedLine
  | (ClaimPlace &
      (
        | {
            readonly event: "settled";
            readonly tx: string;
            readonly paid: number;
            readonly skipped: number;
            readonly amount: string;
          }
        | { readonly event: "released"; readonly tx: string; readonly voucherId: string }
        | { readonly event: "withdrawn"; readonly tx: string; readonly amount: string }
        | {
            readonly event: "done";
            readonly settled: number;
            readonly usedBefore: number;
            readonly skipped: number;
            readonly released: number;
            readonly withdrawn: string;
          }
      ));

/** Turns what a claim does in one domain into lines. */
export function reporterOf(
  { domain, asset }: Pick<ServedDomain, "domain" | "asset">,
  report: (line: ClaimLine) => void,
): { readonly event: (event: ClaimEvent) => void; readonly done: (report: ClaimReport) => void } {
  const money = (units: bigint): string => formatTotal(units, asset);
  const place: ClaimPlace = {
    schema: "tallystick.claim/1",
    chainId: String(domain.chainId),
    vault: toHex(domain.vault),
    currency: asset.code,
  };
  return {
    event: (event) => {
      if (event.event === "released") return report({ ...place, ...event });
      const { units, ...others } = event;
      report({ ...place, ...others, amount: money(units) });
    },
    done: (done) => report({ ...place, event: "done", ...done, withdrawn: money(done.withdrawn) }),
  };
}
