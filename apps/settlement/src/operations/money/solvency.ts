import { formatTotal, type Asset } from "@tallystick/money";
import { toHex } from "@tallystick/protocol";
import type { MoneyFault } from "../../chain/money/money-faults.ts";
import { baseUnitsText } from "../../foundation/http/amounts.ts";
import type { ReconciliationReport } from "../reconciliation/reconciliation.ts";

/** What a reconciliation finds that must not wait (spec §6.14). */
export function faultsOfSum(
  report: Pick<ReconciliationReport, "vault" | "ledgerDifference" | "block">,
  { asset, vault }: { readonly asset: Asset; readonly vault: Uint8Array },
): readonly MoneyFault[] {
  const { heldBaseUnits, owesBaseUnits, surplusBaseUnits } = report.vault;
  const text = (baseUnits: bigint): string => `${baseUnitsText(baseUnits, asset)} ${asset.code}`;
  const faults: MoneyFault[] = [];
  if (surplusBaseUnits < 0n) {
    faults.push({
      code: "INSOLVENT",
      subject: "",
      message:
        `The vault holds ${text(heldBaseUnits)} and owes ${text(owesBaseUnits)} to cards and merchants: ` +
        `${text(-surplusBaseUnits)} are missing at block ${report.block}. Nothing is funded and nothing is allowed.`,
      next: `Find out what took the tokens. Once what is missing is sent to ${toHex(vault)}, everything goes on by itself.`,
      extent: -surplusBaseUnits,
    });
  }
  if (report.ledgerDifference !== 0n) {
    faults.push({
      code: "LEDGER_DIFFERENCE",
      subject: "",
      message: `Chain and books differ by ${formatTotal(report.ledgerDifference, asset)} ${asset.code} at block ${report.block}.`,
      next: "Compare the two columns of the reconciliation, and find the movement that one of them lacks.",
      extent: report.ledgerDifference,
    });
  }
  return faults;
}
