import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { parseRow, type Row } from "./row.ts";

/** Runs a benchmark that stands beside the code it measures, and hands on the rows it prints. */
export async function runProgram(args: readonly string[], emit: (row: Row) => void): Promise<number> {
  const child = spawn(process.execPath, [...args], { stdio: ["ignore", "pipe", "inherit"] });
  const lines = createInterface({ input: child.stdout });
  let rows = 0;
  lines.on("line", (line) => {
    const row = parseRow(line);
    if (row === undefined) return;
    rows += 1;
    emit(row);
  });
  const [code] = (await once(child, "close")) as [number | null];
  if (code !== 0 || rows === 0)
    throw new Error(`${args.at(-1) ?? ""} ended with ${code ?? "a signal"} after ${rows} rows`);
  return rows;
}
