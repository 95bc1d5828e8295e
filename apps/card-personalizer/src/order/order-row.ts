/** One card of an order, as its line has it: every field a text, null where the line leaves it out. */
export interface OrderRow {
  readonly reference: string;
  readonly label: string | null;
  /** Name of a template of the configuration. */
  readonly limits: string | null;
  /** First load, display units. */
  readonly fund: string | null;
  /** `yes` or `no`. */
  readonly pin: string | null;
  readonly owner: string | null;
  /** From 1. */
  readonly line: number;
  /** Numbers of the fields in their lines, from 1, by column; of a CSV file alone. */
  readonly columns?: Readonly<Partial<Record<OrderColumn, number>>>;
}

/** The columns that an order may have; `reference` alone must be there. */
export const ORDER_COLUMNS = ["reference", "label", "limits", "fund", "pin", "owner"] as const;

export type OrderColumn = (typeof ORDER_COLUMNS)[number];
