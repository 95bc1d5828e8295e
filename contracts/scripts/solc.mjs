#!/usr/bin/env node
// Lets forge use the compiler that npm brings: answers `--version`, else compiles the standard JSON that comes on stdin.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const solc = createRequire(import.meta.url)("solc");

if (process.argv.includes("--version")) {
  // solc-js says 0.8.37+commit.….Emscripten.clang; forge wants the form of the native compiler.
  const version = solc.version().replace("Emscripten.clang", "Linux.g++");
  process.stdout.write(`solc, the solidity compiler commandline interface\nVersion: ${version}\n`);
} else {
  process.stdout.write(solc.compile(readFileSync(0, "utf8")));
}
