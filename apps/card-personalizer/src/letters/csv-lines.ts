/** Lines as RFC 4180 writes them, with a first line of names; every field in quotes, so that no printer guesses at one. */
export function csvLines(names: readonly string[], rows: readonly (readonly string[])[]): string {
  return [names, ...rows].map((fields) => `${fields.map(quoted).join(",")}\r\n`).join("");
}

function quoted(field: string): string {
  return `"${field.replaceAll('"', '""')}"`;
}
