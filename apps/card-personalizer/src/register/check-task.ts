import { parseAmount, type Asset } from "@tallystick/money";
import { ConfigError, type ConfigFault } from "@tallystick/program";
import type { OrderColumn, OrderRow } from "../order/order-row.ts";

/** One card of a monthly task. */
export interface TaskCard {
  readonly reference: string;
  readonly card: string;
  /** Display units, as settlement is asked for them; null in a task without amounts. */
  readonly amount: string | null;
  /** Name of a template of the configuration; null in a task that changes no limits. */
  readonly limits: string | null;
}

/** What a task changes beside the card's status: the column of an order that says it. */
export type TaskColumn = "fund" | "limits" | null;

/**
 * The whole file of a task, before the first call: cards of the register, each once, and amounts
 * where the task deposits, templates where it changes limits. Throws ConfigError with every fault by its line.
 */
export function checkTask(
  rows: readonly OrderRow[],
  given: {
    readonly register: ReadonlyMap<string, string>;
    readonly asset: Asset;
    readonly column: TaskColumn;
    /** Names of the configuration's templates. */
    readonly templates: readonly string[];
    readonly source: string;
  },
): readonly TaskCard[] {
  const { register, asset, column, templates, source } = given;
  const faults: ConfigFault[] = [];
  const seen = new Map<string, number>();
  const cards = rows.map((row): TaskCard => {
    const fault = (path: OrderColumn, message: string): void =>
      void faults.push({ path, line: row.line, column: row.columns?.[path] ?? null, message });
    const before = seen.get(row.reference);
    if (before !== undefined) fault("reference", `stands twice; first on line ${before}`);
    else seen.set(row.reference, row.line);
    const card = register.get(row.reference);
    if (card === undefined) fault("reference", "is no card of the register");
    for (const other of ["limits", "fund", "pin", "owner"] as const)
      if (other !== column && row[other] !== null) fault(other, "is nothing that this task changes");
    if (column === "fund") checkAmount(row.fund, asset, (message) => fault("fund", message));
    if (column === "limits" && (row.limits === null || !templates.includes(row.limits)))
      fault("limits", `must name a template; there are ${templates.join(", ") || "none"}`);
    const told = { amount: column === "fund" ? row.fund : null, limits: column === "limits" ? row.limits : null };
    return { reference: row.reference, card: card ?? "", ...told };
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
