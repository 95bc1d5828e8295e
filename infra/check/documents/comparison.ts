import type { Fault, Rule } from "../rule.ts";
import { isProgram, type SourceFile } from "../source-files.ts";

/** The document that compares terminals. */
const PATH = "docs/reference/comparison.md";

/** A file of tests in backticks, and the name of one of its tests behind it. */
const PROOF = /`([\w./-]+\.(?:test\.ts|java|sol))`\s+"([^"]+)"/g;
const SOURCE = /\[(S\d+)\]/g;
const ADDRESS = /^<https:\/\/[^\s>]+>$/;
const DAY = /^\d{4}-\d{2}-\d{2}$/;
const UNCHECKED = "not checked";
const NO_PROOF = "–";

type Row = { readonly line: number; readonly cells: ReadonlyMap<string, string> };

/** The rows of all tables, each cell by the head of its column. */
function rowsOf(text: string): Row[] {
  let heads: readonly string[] | null = null;
  return text.split("\n").flatMap((line, index) => {
    if (!line.startsWith("|")) {
      heads = null;
      return [];
    }
    const cells = line
      .replace(/^\||\|\s*$/g, "")
      .split("|")
      .map((cell) => cell.trim());
    if (heads === null) {
      heads = cells;
      return [];
    }
    if (cells.every((cell) => /^-+$/.test(cell))) return [];
    const named = heads;
    return [{ line: index + 1, cells: new Map(cells.map((cell, column) => [named[column] ?? "", cell])) }];
  });
}

/** Why a row's proof does not hold: no test where one is needed, or one that is not there. */
function proofFaults(proof: string, won: string, programs: readonly SourceFile[]): string[] {
  const named = [...proof.matchAll(PROOF)];
  const missing = named.flatMap(([, path = "", name = ""]) => {
    const file = programs.find((program) => program.path === path);
    return file?.text.includes(name) === true ? [] : [`names the test "${name}" of ${path}, which is not there`];
  });
  if (named.length > 0) return missing;
  if (won.startsWith("yes")) return ["is won without the name of a test"];
  return proof === NO_PROOF ? [] : [`names no test in its proof; write ${NO_PROOF} where there is none`];
}

/** Judges the comparison: proofs are there, and each peer's cell has a source or says that it was not checked. */
export function judgeComparison({ path, text }: SourceFile, programs: readonly SourceFile[]): Fault[] {
  const rows = rowsOf(text);
  const sources = new Set(rows.flatMap(({ cells }) => cells.get("source") ?? []));
  return rows.flatMap(({ line, cells }) => {
    const fault = (what: string): Fault => ({ path, line, what });
    if (cells.has("source")) {
      const isComplete = ADDRESS.test(cells.get("address") ?? "") && DAY.test(cells.get("read on") ?? "");
      return isComplete ? [] : [fault("is a source without an address and the day on which it was read")];
    }
    const peers = [...cells].filter(([head]) => !["", "Tallystick", "won", "proof"].includes(head));
    const unfounded = peers.flatMap(([head, cell]) => {
      const cited = [...cell.matchAll(SOURCE)].map(([, source = ""]) => source);
      if (cited.length === 0) return cell === UNCHECKED ? [] : [`says of ${head} what has no source`];
      return cited.filter((source) => !sources.has(source)).map((source) => `cites ${source}, which is no source here`);
    });
    const proof = proofFaults(cells.get("proof") ?? "", cells.get("won") ?? "", programs);
    return [...unfounded, ...proof].map(fault);
  });
}

/** What the comparison with other terminals says stands on tests and sources. */
export const comparisonRule: Rule = {
  name: "comparison",
  judge: (files) => {
    const document = files.find(({ path }) => path === PATH);
    if (document === undefined) return { faults: [{ path: PATH, what: "is not there" }] };
    return {
      faults: judgeComparison(
        document,
        files.filter(({ path }) => isProgram(path)),
      ),
    };
  },
};
