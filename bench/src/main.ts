/** `pnpm bench NAME [--json]`, some with options of their own: prints one row a line; without a name it lists what there is. */
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
  issue: async (emit, more) =>
    await runProgram([source, quiet, join(root, "apps/card-personalizer/bench/issue.ts"), "--json", ...more], emit),
  intake: async (emit, more) =>
    await runProgram([source, quiet, join(root, "apps/settlement/bench/intake.ts"), "--json", ...more], emit),
  ledger: async (emit, more) =>
    await runProgram([source, quiet, join(root, "apps/settlement/bench/ledger.ts"), "--json", ...more], emit),
  sale: async (emit, more) =>
    await runProgram([quiet, join(root, "apps/merchant-gateway/bench/sale.ts"), "--json", ...more], emit),
  settle: async (emit) => await runProgram([quiet, join(root, "contracts/scripts/bench-settle.mjs"), "--json"], emit),
};

const end = (): void => process.exit(130);
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, end);
onParentGone(end);

/** What a benchmark takes besides, each with a value. */
const ownOptions: Readonly<Record<string, readonly string[]>> = {
  decision: ["cards", "vouchers"],
  sale: ["cards", "vouchers"],
  issue: ["cards", "kills", "seed"],
  intake: ["cards", "sizes", "terminals", "levels"],
  ledger: ["postings", "seconds"],
};

const options = {
  json: { type: "boolean", default: false },
  help: { type: "boolean", default: false },
  ...Object.fromEntries(
    ["cards", "vouchers", "sizes", "terminals", "levels", "kills", "seed", "postings", "seconds"].map(
      (key) => [key, { type: "string" }] as const,
    ),
  ),
} as const;
const own = Object.entries(ownOptions).map(([of, keys]) => `${of} also ${keys.map((key) => `[--${key} N]`).join(" ")}`);
const usage = `usage: pnpm bench NAME [--json]; ${own.join("; ")}; NAME is one of ${Object.keys(benches).join(", ")}\n`;

/** The arguments; what parseArgs refuses is a wrong usage like any other. */
function parsed() {
  try {
    return parseArgs({ options, allowPositionals: true });
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n${usage}`);
    return process.exit(2);
  }
}

const { values, positionals } = parsed();
const { json, help, ...more } = values as Readonly<Record<string, string>> & Readonly<Record<"json" | "help", boolean>>;
if (help) {
  process.stdout.write(usage);
  process.exit(0);
}
const [name = "", ...others] = positionals;
const bench = Object.hasOwn(benches, name) ? benches[name] : undefined;
const known = Object.keys(more).every((key) => ownOptions[name]?.includes(key) === true);
if (bench === undefined || others.length > 0 || !known) {
  process.stderr.write(usage);
  process.exit(2);
}
const emit = (row: Row): void => void process.stdout.write(`${json ? JSON.stringify(row) : rowText(row)}\n`);
await bench(
  emit,
  Object.entries(more).flatMap(([key, value]) => [`--${key}`, value]),
);
process.exit(0);
