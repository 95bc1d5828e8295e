import { readFileSync } from "node:fs";
import { join } from "node:path";
import { makeWorkFolder } from "@tallystick/stack";
import type { ToolRun } from "./interop/run-tool.ts";
import type { SoakKind, SoakOptions } from "./soak-options.ts";

/** What one kind came to: printed as its only line on standard output. */
export interface SoakResult {
  readonly schema: "tallystick.soak/1";
  readonly kind: SoakKind;
  readonly seed: number;
  readonly passed: boolean;
  readonly seconds: number;
  /** What the kind itself counts. */
  readonly counts: Readonly<Record<string, unknown>>;
}

/** A program that carries one kind out, from the root of the checkout. */
export interface SoakCommand {
  readonly command: string;
  readonly args: readonly string[];
  /** Variables beside those that are set already. */
  readonly env: Readonly<Record<string, string>>;
}

/** Runs a program to its end. */
export type RunSoakCommand = (command: SoakCommand) => Promise<ToolRun>;

interface Place {
  readonly root: string;
  /** Node, as it runs here. */
  readonly node: string;
  /** Where a run may leave a file with its counts. */
  readonly countsFile: string;
}

/** How often each binding of a reader connects: far more often than pcscd has room for contexts (200). */
const READER_CONNECTS = 1_000;

/** Stored vouchers beside which an upload must cost what it costs beside few. */
const HISTORY_VOUCHERS = 1_000_000;

/** How long storing the vouchers, and axe over all pages at four widths in two colours, may take, in milliseconds. */
const CONSOLE_TIMEOUT_MS = 5_400_000;

/** How long a million vouchers may take to be stored, in milliseconds: minutes, on any machine. */
const HISTORY_TIMEOUT_MS = 3_600_000;

/** Cards of the order that is killed. */
const ORDER_CARDS = 500;

/** Kinds that are played in this process. */
export type PlayedKind = "kills" | "faults" | "sandbox" | "upgrade";

/** Sales on the terminal's page, each with something that goes wrong. */
const PAGE_SALES = 1_000;

/** The program behind a kind that is not played in this process. */
export function soakCommand(kind: Exclude<SoakKind, PlayedKind>, options: SoakOptions, place: Place): SoakCommand {
  const { root } = place;
  const seed = String(options.seed);
  switch (kind) {
    case "card":
      return {
        ...jestRun(place, "packages/software-card", "differential"),
        env: { TALLYSTICK_STEPS: String(options.steps), TALLYSTICK_SEED: seed, TALLYSTICK_COVERAGE: place.countsFile },
      };
    case "fuzz": {
      const properties = { "fuzz.count": String(options.steps), "fuzz.seed": seed };
      const set = Object.entries(properties).map(([name, value]) => `-Dtallystick.${name}=${value}`);
      const only = ["-Dtest=FuzzTest", "-Dsurefire.failIfNoSpecifiedTests=false"];
      return {
        command: "mvn",
        args: ["--batch-mode", "--quiet", "--file", join(root, "applet/pom.xml"), "test", ...only, ...set],
        env: {},
      };
    }
    case "contracts":
      return {
        ...scriptRun(place, "infra/suites/main.ts", "contracts", "packages/vault"),
        env: {
          FOUNDRY_PROFILE: "soak",
          FOUNDRY_FUZZ_SEED: `0x${options.seed.toString(16)}`,
          TALLYSTICK_DIFFERENTIAL_BATCHES: "10000",
        },
      };
    case "readers":
      return {
        ...jestRun(place, "packages/apdu", "reader-conformance"),
        env: { TALLYSTICK_CONNECTS: String(READER_CONNECTS) },
      };
    case "order":
      return {
        ...jestRun(place, "apps/card-personalizer", "killed-order"),
        env: {
          TALLYSTICK_CARDS: String(ORDER_CARDS),
          TALLYSTICK_KILLS: String(options.kills),
          TALLYSTICK_SEED: seed,
          TALLYSTICK_COUNTS: place.countsFile,
        },
      };
    case "watch":
      return scriptRun(place, "infra/observability/try-rules.ts");
    case "doors":
      return scriptRun(place, "e2e/src/doors/trusted-box.ts");
    case "page":
      return {
        ...jestRun(place, "apps/merchant-gateway", "page/browser"),
        env: { TALLYSTICK_BROWSER: "chromium", TALLYSTICK_SALES: String(PAGE_SALES), TALLYSTICK_SEED: seed },
      };
    case "console":
      return consoleRun(place, options.vouchers);
    case "history": {
      const run = jestRun(place, "apps/settlement", "flat-history");
      return {
        ...run,
        args: [...run.args, `--testTimeout=${HISTORY_TIMEOUT_MS}`, "--forceExit"],
        env: { TALLYSTICK_HISTORY: String(HISTORY_VOUCHERS) },
      };
    }
  }
}

/** A program of the workspace, from its sources. */
function scriptRun({ root, node }: Place, file: string, ...args: readonly string[]): SoakCommand {
  return { command: node, args: ["--conditions=source", join(root, file), ...args], env: {} };
}

function consoleRun(place: Place, vouchers: number): SoakCommand {
  const run = jestRun(place, "apps/settlement", "console/browser");
  return {
    ...run,
    args: [...run.args, `--testTimeout=${CONSOLE_TIMEOUT_MS}`],
    env: {
      TALLYSTICK_BROWSER: "chromium",
      TALLYSTICK_VOUCHERS: String(vouchers),
      TALLYSTICK_COUNTS: place.countsFile,
    },
  };
}

/** The tests of one package whose files' names hold the text. */
function jestRun({ root, node }: Place, folder: string, tests: string): Omit<SoakCommand, "env"> {
  const jest = join(root, "node_modules/jest/bin/jest.js");
  return {
    command: node,
    args: ["--experimental-vm-modules", jest, "--config", join(root, folder, "jest.config.mjs"), tests],
  };
}

/** Carries one kind out by its program. */
export async function runSoakCommand(
  kind: Exclude<SoakKind, PlayedKind>,
  options: SoakOptions,
  means: { readonly root: string; readonly node: string; readonly run: RunSoakCommand; readonly now: () => number },
): Promise<{ readonly result: SoakResult; readonly output: string }> {
  const folder = makeWorkFolder(`soak-${kind}`);
  try {
    const countsFile = join(folder.path, "counts.json");
    const start = means.now();
    const run = await means.run(soakCommand(kind, options, { root: means.root, node: means.node, countsFile }));
    const result: SoakResult = {
      schema: "tallystick.soak/1",
      kind,
      seed: options.seed,
      passed: run.code === 0,
      seconds: Math.round((means.now() - start) / 1000),
      counts: countsOf(kind, options, { countsFile, output: run.output }),
    };
    return { result, output: run.output };
  } finally {
    folder.remove();
  }
}

function countsOf(
  kind: Exclude<SoakKind, PlayedKind>,
  { steps, kills, vouchers }: SoakOptions,
  found: { readonly countsFile: string; readonly output: string },
): Readonly<Record<string, unknown>> {
  if (kind === "card") return { steps, coverage: coverageIn(found.countsFile) };
  if (kind === "fuzz") return { commands: steps };
  if (kind === "readers") return { connects: READER_CONNECTS };
  if (kind === "order") return { cards: ORDER_CARDS, kills, measured: coverageIn(found.countsFile) };
  if (kind === "history") return { vouchers: HISTORY_VOUCHERS };
  if (kind === "page") return { sales: PAGE_SALES };
  if (kind === "console") return { vouchers, measured: coverageIn(found.countsFile) };
  const [, passed, failed] = /(\d+) passed, (\d+) failed\s*$/.exec(found.output) ?? [];
  return { tests: passed === undefined ? null : Number(passed), failed: failed === undefined ? null : Number(failed) };
}

/** Null when the run ended before it wrote any. */
function coverageIn(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as unknown;
  } catch {
    return null;
  }
}
