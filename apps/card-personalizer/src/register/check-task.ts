import { parseAmount, type Asset } from "@tallystick/money";
import { ConfigError, type ConfigFault } from "@tallystick/program";
import type { OrderColumn, OrderRow } from "../order/order-row.ts";

/** One card of a monthly task. */
export interface TaskCard {
  readonly reference: string;
  readonly card: string;
  /** Display units, as settlement is asked for them; null in a task without amounts. */
  readonly amount: string | null;
}

/**
 * The whole file of a task, before the first call: cards of the register, each once, and amounts
 * where the task deposits. Throws ConfigError with every fault by its line.
 */
export function checkTask(
  rows: readonly OrderRow[],
  given: {
    readonly register: ReadonlyMap<string, string>;
    readonly asset: Asset;
    readonly hasAmounts: boolean;
    readonly source: string;
  },
): readonly TaskCard[] {
  const { register, asset, hasAmounts, source } = given;
  const faults: ConfigFault[] = [];
  const seen = new Map<string, number>();
  const cards = rows.map((row): TaskCard => {
    const fault = (path: OrderColumn, message: string): void =>
      void faults.push({ path, line: row.line, column: null, message });
    const before = seen.get(row.reference);
    if (before !== undefined) fault("reference", `stands twice; first on line ${before}`);
    else seen.set(row.reference, row.line);
    const card = register.get(row.reference);
    if (card === undefined) fault("reference", "is no card of the register");
    for (const column of ["limits", "pin", "owner"] as const)
      if (row[column] !== null) fault(column, "is nothing that this task changes");
    if (!hasAmounts && row.fund !== null) fault("fund", "is nothing that this task changes");
    if (hasAmounts) checkAmount(row.fund, asset, (message) => fault("fund", message));
    return { reference: row.reference, card: card ?? "", amount: hasAmounts ? row.fund : null };
  });
  if (faults.length > 0) throw new ConfigError(faults, source);
  return cards;
}

function checkAmount(text: string | null, asset: Asset, fault: (message: string) => void): void {
  if (text === null) return fault("is missing");
  if (text.includes(",")) return fault("has a comma; write amounts with a point and no other sign, as 1250.50");
  try {
    if (parseAmount(text, asset) === 0n) fault("must be above zero");
  } catch (error) {
    fault(error instanceof Error ? error.message : String(error));
  }
}
