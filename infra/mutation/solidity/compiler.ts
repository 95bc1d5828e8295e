import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { isNode, type Node } from "./ast.ts";

/** The code of a contract, as hexadecimal digits without 0x. */
export type Code = { readonly created: string; readonly deployed: string };

type Output = {
  readonly errors?: readonly { readonly severity: string; readonly formattedMessage: string }[];
  readonly sources?: Readonly<Record<string, { readonly ast: unknown }>>;
  readonly contracts?: Readonly<Record<string, Readonly<Record<string, { readonly evm: Evm }>>>>;
};

type Evm = { readonly bytecode: { readonly object: string }; readonly deployedBytecode: { readonly object: string } };

type Solc = { compile(input: string, callbacks: object): string };

/** As [profile.mutation] of foundry.toml says: fast to compile, and the assembly's variables find room on the stack. */
const optimizer = {
  enabled: true,
  runs: 200,
  details: {
    ...{ cse: false, constantOptimizer: false, deduplicate: false },
    ...{ yul: true, yulDetails: { stackAllocation: true, optimizerSteps: ":" } },
  },
};

/** The compiler in this process, which stays warm from one change to the next. */
export class Compiler {
  readonly #folder: string;
  readonly #solc: Solc;

  /** Of the folder of the contracts, whose installed compiler and libraries it takes. */
  constructor(folder: string) {
    this.#folder = folder;
    this.#solc = createRequire(join(folder, "package.json"))("solc") as Solc;
  }

  /** The syntax trees of the sources, by path. */
  trees(sources: Readonly<Record<string, string>>): Readonly<Record<string, Node>> {
    const output = this.#compile(sources, { "*": { "": ["ast"] } });
    if (typeof output === "string") throw new Error(output);
    const trees = Object.entries(output.sources ?? {}).filter(([path]) => path in sources);
    return Object.fromEntries(
      trees.map(([path, { ast }]) => {
        if (!isNode(ast)) throw new Error(`the compiler gave no tree of ${path}`);
        return [path, ast];
      }),
    );
  }

  /** The code of one contract in each of the files, named as its file is; null where the sources do not compile. */
  code(sources: Readonly<Record<string, string>>, files: readonly string[]): readonly Code[] | null {
    const wanted = ["evm.bytecode.object", "evm.deployedBytecode.object"];
    const output = this.#compile(sources, Object.fromEntries(files.map((file) => [file, { "*": wanted }])));
    if (typeof output === "string") return null;
    return files.map((file) => {
      const evm = output.contracts?.[file]?.[contractIn(file)]?.evm;
      if (evm === undefined) throw new Error(`${file} has no contract of its name`);
      return { created: evm.bytecode.object, deployed: evm.deployedBytecode.object };
    });
  }

  /** What the compiler answers, or its first error. */
  #compile(sources: Readonly<Record<string, string>>, outputSelection: object): Output | string {
    const input = {
      language: "Solidity",
      sources: Object.fromEntries(Object.entries(sources).map(([path, content]) => [path, { content }])),
      settings: { evmVersion: "cancun", optimizer, metadata: { bytecodeHash: "none" }, outputSelection },
    };
    const library = (path: string) => ({ contents: readFileSync(join(this.#folder, "node_modules", path), "utf8") });
    const output = JSON.parse(this.#solc.compile(JSON.stringify(input), { import: library })) as Output;
    return output.errors?.find(({ severity }) => severity === "error")?.formattedMessage ?? output;
  }
}

/** The contract that a file is named after. */
export function contractIn(file: string): string {
  return file.replace(/^.*\//, "").replace(/\.sol$/, "");
}
