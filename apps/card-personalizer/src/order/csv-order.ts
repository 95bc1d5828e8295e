import { ConfigError, type ConfigFault, MAX_ORDER_CARDS } from "@tallystick/program";
import { CsvError, type Info, parse } from "csv-parse/sync";
import { ORDER_COLUMNS, type OrderColumn, type OrderRow } from "./order-row.ts";

interface Line {
  readonly record: readonly string[];
  readonly info: Pick<Info, "lines">;
}

/**
 * An order as RFC 4180 writes it, with a first line of names. Lines end with LF or CRLF; fields stand
 * between commas, or between semicolons where the first line does it so. Throws ConfigError with
 * every fault of its form, by line and number of the field.
 */
export function parseCsvOrder(text: string, source: string): readonly OrderRow[] {
  const faults: ConfigFault[] = [];
  const lines = readLines(text, source);
  const [head, ...rows] = lines;
  if (head === undefined)
    throw new ConfigError([faultOf(1, 1, "", "The order is empty; its first line names the columns.")], source);
  const columns = readHead(head.record, faults);
  if (rows.length > MAX_ORDER_CARDS)
    faults.push(faultOf(1, null, "", `An order has at most ${MAX_ORDER_CARDS} cards; divide it.`));
  if (rows.length === 0) faults.push(faultOf(1, null, "", "The order names no card."));
  const read = rows.map(({ record, info: { lines: line } }) => {
    if (record.length !== head.record.length)
      faults.push(
        faultOf(line, record.length, "", `has ${record.length} fields; the first line has ${head.record.length}`),
      );
    return rowOf(columns, record, line);
  });
  if (faults.length > 0) throw new ConfigError(faults, source);
  return read;
}

function readLines(text: string, source: string): readonly Line[] {
  const [first = ""] = text.split(/\r?\n/, 1);
  try {
    return parse(text, {
      delimiter: first.includes(";") ? ";" : ",",
      info: true,
      relax_column_count: true,
      skip_empty_lines: true,
      trim: true,
    }) as unknown as readonly Line[];
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const line = Number((error as unknown as { lines?: unknown }).lines ?? 1);
    throw new ConfigError([faultOf(line, null, "", "A quoted field does not end as it should.")], source);
  }
}

function readHead(names: readonly string[], faults: ConfigFault[]): readonly (OrderColumn | null)[] {
  const columns = names.map((name) => ORDER_COLUMNS.find((each) => each === name.toLowerCase()) ?? null);
  for (const [index, column] of columns.entries()) {
    const name = names[index] ?? "";
    if (column === null)
      faults.push(faultOf(1, index + 1, name, `is no column; there are ${ORDER_COLUMNS.join(", ")}`));
    else if (columns.indexOf(column) !== index) faults.push(faultOf(1, index + 1, name, "stands twice"));
  }
  if (!columns.includes("reference")) faults.push(faultOf(1, null, "reference", "is missing"));
  return columns;
}

function rowOf(columns: readonly (OrderColumn | null)[], record: readonly string[], line: number): OrderRow {
  const field = (name: OrderColumn): string | null => record[columns.indexOf(name)] || null;
  return {
    ...{ reference: field("reference") ?? "", label: field("label"), limits: field("limits") },
    ...{ fund: field("fund"), pin: field("pin"), owner: field("owner"), line },
    columns: Object.fromEntries(columns.flatMap((name, index) => (name === null ? [] : [[name, index + 1]]))),
  };
}

function faultOf(line: number, column: number | null, path: string, message: string): ConfigFault {
  return { path, line, column, message };
}
