/** `pnpm bench NAME [--json] [--vouchers N]`: prints one row a line; without a name it lists what there is. */
import { join } from "node:path";
import { parseArgs } from "node:util";
import { onParentGone, projectRoot } from "@tallystick/stack";
import { benchApdu } from "./apdu/apdu.ts";
import { runProgram } from "./program-bench.ts";
import { type Row, rowText } from "./row.ts";
import { benchTap } from "./tap/tap.ts";

const root = projectRoot();
const source = "--conditions=source";
const quiet = "--disable-warning=ExperimentalWarning";

const benches: Readonly<Record<string, (emit: (row: Row) => void, more: readonly string[]) => Promise<unknown>>> = {
  apdu: benchApdu,
  tap: benchTap,
  decision: async (emit, more) =>
    await runProgram([source, quiet, join(root, "apps/merchant-gateway/bench/decision.ts"), "--json", ...more], emit),
  settle: async (emit) => await runProgram([quiet, join(root, "contracts/scripts/bench-settle.mjs"), "--json"], emit),
};

const end = (): void => process.exit(130);
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, end);
onParentGone(end);

const { values, positionals } = parseArgs({
  options: { json: { type: "boolean", default: false }, vouchers: { type: "string" } },
  allowPositionals: true,
});
const [name = "", ...more] = positionals;
const bench = Object.hasOwn(benches, name) ? benches[name] : undefined;
if (bench === undefined || more.length > 0 || (values.vouchers !== undefined && name !== "decision")) {
  process.stderr.write(
    `usage: pnpm bench NAME [--json]; decision also [--vouchers N]; NAME is one of ${Object.keys(benches).join(", ")}\n`,
  );
  process.exit(2);
}
const emit = (row: Row): void => void process.stdout.write(`${values.json ? JSON.stringify(row) : rowText(row)}\n`);
await bench(emit, values.vouchers === undefined ? [] : ["--vouchers", values.vouchers]);
process.exit(0);
