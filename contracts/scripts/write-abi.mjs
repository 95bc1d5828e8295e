#!/usr/bin/env node
// Writes packages/vault/src/abi/vault-abi.ts from the compiled interface, or with --check compares. Needs `forge build`.
import { readFileSync, writeFileSync } from "node:fs";

const path = new URL("../../packages/vault/src/abi/vault-abi.ts", import.meta.url);
const { abi } = JSON.parse(readFileSync(new URL("../out/IVault.sol/IVault.json", import.meta.url), "utf8"));
const plain = (parameter) => ({
  name: parameter.name,
  type: parameter.type,
  ...(parameter.indexed === undefined ? {} : { indexed: parameter.indexed }),
  ...(parameter.components === undefined ? {} : { components: parameter.components.map(plain) }),
});
const entries = abi.map((entry) => ({
  ...entry,
  ...(entry.inputs === undefined ? {} : { inputs: entry.inputs.map(plain) }),
  ...(entry.outputs === undefined ? {} : { outputs: entry.outputs.map(plain) }),
}));
const lines = entries.map((entry) => `  ${JSON.stringify(entry)},\n`).join("");
const wanted = `// Written by contracts/scripts/write-abi.mjs from contracts/src/IVault.sol; its NatSpec is the documentation.\n\n/** The ABI of the vault (spec chapter 7). */\nexport const vaultAbi = [\n${lines}] as const;\n`;

if (!process.argv.includes("--check")) writeFileSync(path, wanted);
else if (readFileSync(path, "utf8") !== wanted) {
  process.stderr.write("packages/vault/src/abi/vault-abi.ts is stale; run: node contracts/scripts/write-abi.mjs\n");
  process.exitCode = 1;
}
