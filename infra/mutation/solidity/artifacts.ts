import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Code, contractIn } from "./compiler.ts";

type Artifact = { readonly bytecode: { object: string }; readonly deployedBytecode: { object: string } };

/**
 * The vaults that forge built, in its folder `out`. Its tests deploy what stands there, so a changed vault is put there
 * without any file of the sources being touched: forge compiles nothing anew.
 */
export class Artifacts {
  readonly #kept: readonly { readonly path: string; readonly content: string }[];

  constructor(folder: string, files: readonly string[]) {
    this.#kept = files.map((file) => {
      const contract = contractIn(file);
      const path = join(folder, "out", `${contract}.sol`, `${contract}.json`);
      return { path, content: readFileSync(path, "utf8") };
    });
  }

  /** Puts the code of each file's contract in its place. */
  put(codes: readonly Code[]): void {
    for (const [index, { path, content }] of this.#kept.entries()) {
      const code = codes[index];
      if (code === undefined) continue;
      const artifact = JSON.parse(content) as Artifact;
      artifact.bytecode.object = `0x${code.created}`;
      artifact.deployedBytecode.object = `0x${code.deployed}`;
      writeFileSync(path, JSON.stringify(artifact));
    }
  }
}
