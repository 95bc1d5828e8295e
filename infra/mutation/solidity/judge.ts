import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { FORGE_TIME_LIMIT_MS } from "../limits.ts";

/** What the tests say of a change. */
export type Judgement = "Killed" | "Survived" | "Timeout";

/** Tests that judge nothing here, and why. */
export const testsLeftOut = {
  "test_gas_*": "compare gas, which every change moves, however well it behaves",
  "test_checklist_*": "judge documents",
  test_constructor_makesAVaultOfASizeThatChainsTake: "judges what the optimizer makes, which is off here",
} as const;

/** The fast tests come first, then those that live random lives through the vaults. */
const random = "DifferentialTest|InvariantTest";

/** The program itself: the script in front of it answers 0 whatever the tests say. */
export function forgeIn(folder: string): string {
  const platform = `@foundry-rs/forge-${process.platform}-${process.arch === "x64" ? "amd64" : process.arch}`;
  const fromContracts = createRequire(join(folder, "package.json"));
  const fromForge = createRequire(fromContracts.resolve("@foundry-rs/forge/package.json"));
  return join(dirname(fromForge.resolve(`${platform}/package.json`)), "bin/forge");
}

/** forge's tests in a folder of contracts that is built. */
export class Judge {
  readonly #forge: string;
  readonly #folder: string;
  readonly #answers: string;
  #current: ChildProcess | null = null;

  constructor(forge: string, folder: string) {
    this.#forge = forge;
    this.#folder = folder;
    this.#answers = join(folder, "solc-answers");
    mkdirSync(this.#answers);
  }

  /** Ends what is running, with its whole group. */
  end(): void {
    const { pid } = this.#current ?? {};
    if (pid === undefined) return;
    try {
      process.kill(-pid, "SIGKILL");
    } catch {
      // It has ended by itself.
    }
  }

  /** Builds everything, as the tests will find it. */
  build(): Promise<number | null> {
    return this.#run(["build", "--quiet"]);
  }

  /** Runs the tests until one fails; `others` are vaults that the change does not reach. */
  async judge(others: readonly string[]): Promise<Judgement> {
    const fast = [random, ...others.map((vault) => `^${vault}`)].join("|");
    for (const chosen of [
      ["--no-match-contract", fast],
      ["--match-contract", random, ...others.flatMap((vault) => ["--no-match-contract", `^${vault}`])],
    ]) {
      const leftOut = Object.keys(testsLeftOut).map((name) => `^${name.replace("*", "")}`);
      const code = await this.#run(["test", "--fail-fast", "--no-match-test", leftOut.join("|"), ...chosen]);
      if (code === null) return "Timeout";
      if (code !== 0) return "Killed";
    }
    return "Survived";
  }

  /** The exit status, or null where the time was over. */
  async #run(args: readonly string[]): Promise<number | null> {
    const environment = {
      ...process.env,
      FOUNDRY_PROFILE: "mutation",
      FOUNDRY_SOLC: join(import.meta.dirname, "solc-remembered.sh"),
      SOLC: join(this.#folder, "scripts/solc.mjs"),
      SOLC_ANSWERS: this.#answers,
    };
    const child = spawn(this.#forge, [...args], {
      cwd: this.#folder,
      env: environment,
      stdio: ["ignore", "ignore", 2],
      detached: true,
    });
    this.#current = child;
    const ended = { late: false };
    const timer = setTimeout(() => {
      ended.late = true;
      this.end();
    }, FORGE_TIME_LIMIT_MS);
    const code = await new Promise<number>((resolve, reject) => {
      child.on("error", reject);
      child.on("close", (exitCode) => {
        resolve(exitCode ?? 1);
      });
    });
    clearTimeout(timer);
    this.#current = null;
    return ended.late ? null : code;
  }
}
