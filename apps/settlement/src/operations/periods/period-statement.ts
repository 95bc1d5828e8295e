import { z } from "zod";

/** The form of a closed period's statement; its text is signed as it stands (spec §6.11). */
export const PERIOD_SCHEMA = "tallystick.period/1";

/** Units of each chart of accounts, debits less credits. */
const charts = z.record(z.string(), z.string().regex(/^(?:0|-?[1-9][0-9]*)$/));

export const periodStatementSchema = z.object({
  schema: z.literal(PERIOD_SCHEMA),
  domain: z.object({ chainId: z.string(), vault: z.string() }),
  asset: z.string(),
  /** The statement before: SHA-256 of its text; null of the first. */
  previous: z.string().nullable(),
  from: z.string().nullable(),
  to: z.string(),
  /** The head of the log of the books that it is of. */
  log: z.object({ size: z.int(), root: z.string() }),
  balances: charts,
  moved: charts,
  /** Of all charts together: always 0. */
  sum: z.string(),
  /** What the books count besides, such as gas, by its asset; statements of before have none. */
  others: z.record(z.string(), z.object({ balances: charts, moved: charts, sum: z.string() })).optional(),
});

/** A closed period: its statement's text, and the issuer's signature of its SHA-256. */
export const closedPeriodSchema = z.object({
  id: z.string(),
  statement: z.string(),
  signature: z.string().regex(/^0x[0-9a-f]{128}$/),
  issuerKeyId: z.int(),
});

export type PeriodStatement = z.infer<typeof periodStatementSchema>;

/** What a statement says of one asset. */
export type PeriodSums = Pick<PeriodStatement, "balances" | "moved" | "sum">;

/** What a statement says of an asset; nothing held and nothing moved where it says nothing. */
export function sumsOf(statement: PeriodStatement | null, asset: string): PeriodSums {
  const nothing = { balances: {}, moved: {}, sum: "0" };
  if (statement === null) return nothing;
  return asset === statement.asset ? statement : (statement.others?.[asset] ?? nothing);
}

/**
 * What moved in each chart of accounts between two statements, and the sum of all balances, which is
 * 0 because every posting debits what it credits.
 */
export function periodSums(
  balances: Readonly<Record<string, bigint>>,
  before: Readonly<Record<string, string>>,
): { readonly moved: Record<string, string>; readonly sum: bigint } {
  const names = [...new Set([...Object.keys(balances), ...Object.keys(before)])].sort();
  const moved = names.map((name) => [name, ((balances[name] ?? 0n) - BigInt(before[name] ?? "0")).toString()]);
  const sum = Object.values(balances).reduce((total, units) => total + units, 0n);
  return { moved: Object.fromEntries(moved) as Record<string, string>, sum };
}
