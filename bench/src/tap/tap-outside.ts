import { join } from "node:path";
import { projectRoot } from "@tallystick/stack";
import { createRow, type Row } from "../row.ts";
import { runProgram } from "../program-bench.ts";
import { ACTIVATION_MS, POLLING_MEAN_MS } from "../limits.ts";

/**
 * What a person waits for beside the card's commands: how long the reader takes to find the card, by its manual, and to
 * switch it on, and the terminal's decision, measured with its journal on this machine's disk.
 */
export async function benchOutside(emit: (row: Row) => void): Promise<void> {
  const known = { samples: 1, seed: null };
  emit(createRow({ ...known, unit: "ms by manual", name: "tap outside polling mean", ours: POLLING_MEAN_MS }));
  emit(createRow({ ...known, unit: "ms model", name: "tap outside activation", ours: ACTIVATION_MS }));
  const program = join(projectRoot(), "apps/merchant-gateway/bench/decision.ts");
  await runProgram(["--conditions=source", "--disable-warning=ExperimentalWarning", program, "--json"], (row) => {
    if (["p50", "p99", "p50 cpu"].includes(row.name)) emit({ ...row, name: `tap outside decision ${row.name}` });
  });
}
