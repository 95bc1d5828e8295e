/** What spreadsheets take for the beginning of a formula, and the apostrophe that takes it away. */
const NEEDS_APOSTROPHE = /^'*[=+\-@\t\r\n＝＋－＠]/;

/**
 * Text that somebody wrote, as the cell of a table: where a spreadsheet would read a formula, an
 * apostrophe stands before it. `writtenText` takes it away again.
 */
export function harmlessText(text: string): string {
  return NEEDS_APOSTROPHE.test(text) ? `'${text}` : text;
}

/** The text that `harmlessText` made a cell of. */
export function writtenText(cell: string): string {
  return cell.startsWith("'") && NEEDS_APOSTROPHE.test(cell.slice(1)) ? cell.slice(1) : cell;
}

/** A line of CSV (RFC 4180), with its end. Text of people has gone through `harmlessText`. */
export function csvLine(cells: readonly string[]): string {
  return `${cells.map((cell) => (/[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)).join(",")}\r\n`;
}
