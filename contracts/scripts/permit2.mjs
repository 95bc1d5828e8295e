// Compiles Uniswap's Permit2 (MIT) for the benchmark, from the sources that a published package carries and with the compiler
// and the settings they name. Both are installed at fixed versions into a temporary folder, which is removed.
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";

const PACKAGES = { "@uniswap/v4-periphery": "1.0.3", solc: "0.8.17" };
const SOURCES = "node_modules/@uniswap/v4-periphery/lib/permit2";
const ROOTS = { "solmate/": "lib/solmate/", "src/": "src/" };

/** The contract's ABI and creation code. Throws when the packages cannot be had or do not compile. */
export function compilePermit2() {
  const folder = mkdtempSync(join(tmpdir(), "tallystick-permit2-"));
  try {
    const wanted = Object.entries(PACKAGES).map(([name, version]) => `${name}@${version}`);
    const flags = ["--prefix", folder, "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel", "error"];
    const { status } = spawnSync("npm", ["install", ...flags, ...wanted], { cwd: folder, stdio: ["ignore", 2, 2] });
    if (status !== 0) throw new Error("Permit2 could not be installed; this benchmark needs a package registry");
    const solc = createRequire(join(folder, "package.json"))("solc");
    const input = {
      language: "Solidity",
      sources: { "src/Permit2.sol": { content: readFileSync(join(folder, SOURCES, "src/Permit2.sol"), "utf8") } },
      settings: {
        viaIR: true,
        optimizer: { enabled: true, runs: 1_000_000 },
        remappings: Object.entries(ROOTS).map(([from, to]) => `${from}=${to}`),
        outputSelection: { "*": { Permit2: ["abi", "evm.bytecode.object"] } },
      },
    };
    const read = (path) => {
      const file = join(folder, SOURCES, path);
      return existsSync(file) ? { contents: readFileSync(file, "utf8") } : { error: `${path} is not there` };
    };
    const output = JSON.parse(solc.compile(JSON.stringify(input), { import: read }));
    const contract = output.contracts?.["src/Permit2.sol"]?.Permit2;
    if (contract === undefined) throw new Error(`Permit2 was not compiled: ${JSON.stringify(output.errors)}`);
    return { abi: contract.abi, bytecode: contract.evm.bytecode.object };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
