import { cpSync, globSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { drawMutants, NOT_DRAWN } from "../draw.ts";
import { TOLD_EVERY } from "../limits.ts";
import type { Options } from "../options.ts";
import { type Part, parts } from "../parts.ts";
import type { FileMutants, Mutant } from "../score.ts";
import { Artifacts } from "./artifacts.ts";
import type { Change } from "./change.ts";
import { changesOf } from "./changes.ts";
import { type Code, Compiler, contractIn } from "./compiler.ts";
import { forgeIn, Judge } from "./judge.ts";
import { placeOf } from "./place.ts";

/** The vaults that the tests deploy. */
const vaults = ["src/ReferenceVault.sol", "src/PackedVault.sol"];

/** What the tests read beside the contracts. */
const readByTests = ["vectors", "docs"];

/** What no copy needs: installed and built files. */
const skipped = /\/(node_modules|out|cache)(\/|$)/;

type Drawn = { readonly file: string; readonly change: Change };

type Outcome = Pick<Mutant, "status" | "statusReason">;

/** The sources by path, each byte one character, so that the compiler's places count in them. */
type Sources = Readonly<Record<string, string>>;

/** Code that cannot even be deployed: the instruction that is none. */
const unusable: Code = { created: "fe", deployed: "fe" };

const notDrawn: Outcome = { status: "CompileError", statusReason: NOT_DRAWN };

/** A run over the vaults in Solidity, on a copy in a work folder. */
export class SolidityRun {
  readonly #root: string;
  readonly #work: string;
  #judge: Judge | null = null;

  /** `root` is the checkout, `work` an empty folder. */
  constructor({ root, work }: { readonly root: string; readonly work: string }) {
    this.#root = root;
    this.#work = work;
  }

  /** Ends what is running. */
  end(): void {
    this.#judge?.end();
  }

  /**
   * Judges changes in the order in which they are drawn until as many as asked for compiled to another code; those on the
   * way that did not are "Ignored", and as many first ones as are skipped are not judged. Null where the tests fail without any change; throws where they take any vault.
   */
  async judge(options: Options, say: (text: string) => void): Promise<FileMutants | null> {
    const { folder }: Part = parts[options.part];
    const copy = this.#copy(folder);
    const compiler = new Compiler(copy);
    const judge = new Judge(forgeIn(join(this.#root, folder)), copy);
    this.#judge = judge;
    const sources = readSources(copy);
    const original = compiler.code(decoded(sources), vaults);
    say("building the tests, and running them without any change");
    if (original === null || (await judge.build()) !== 0) return null;
    const artifacts = new Artifacts(copy, vaults);
    artifacts.put(original);
    if ((await judge.judge([])) !== "Survived") return null;
    artifacts.put(vaults.map(() => unusable));
    if ((await judge.judge([])) !== "Killed") throw new Error("The tests do not deploy the vaults that are put there.");

    const mutants: Record<string, Mutant[]> = {};
    let [judged, passedOver] = [0, 0];
    for (const { file, change } of draw(compiler, sources, copy, options)) {
      const enough = options.sample > 0 && judged >= options.sample;
      const codes = enough ? null : compiler.code(decoded(changed(sources, file, change)), vaults);
      const isSkipped = passedOver < options.skip && isAnother(codes, original);
      if (isSkipped) passedOver += 1;
      const outcome = enough || isSkipped ? notDrawn : await outcomeOf(codes, { original, artifacts, judge });
      (mutants[file] ??= []).push(mutantOf(sources[file] ?? "", change, outcome));
      if (outcome === notDrawn || outcome.status === "Ignored") continue;
      judged += 1;
      if (outcome.status === "Survived") {
        const { line, column } = placeOf(sources[file] ?? "", change).start;
        say(`${file}:${line}:${column} ${change.operator} survives: ${change.replacement}`);
      }
      if (judged % TOLD_EVERY === 0) say(`${judged} judged`);
    }
    return Object.fromEntries(
      Object.entries(mutants).map(([file, found]) => [file, { source: sources[file] ?? "", mutants: found }]),
    );
  }

  #copy(folder: string): string {
    const copy = join(this.#work, folder);
    for (const name of [...readByTests, folder]) {
      const filter = (source: string): boolean => !skipped.test(source.slice(this.#root.length));
      cpSync(join(this.#root, name), join(this.#work, name), { recursive: true, filter });
    }
    symlinkSync(join(this.#root, folder, "node_modules"), join(copy, "node_modules"));
    return copy;
  }
}

/** Whether a change compiles, to another code. */
function isAnother(codes: readonly Code[] | null, original: readonly Code[]): boolean {
  return codes?.some(({ created }, index) => created !== original[index]?.created) ?? false;
}

/** What becomes of a change whose vaults compiled to this code, or did not compile. */
async function outcomeOf(
  codes: readonly Code[] | null,
  { original, artifacts, judge }: { original: readonly Code[]; artifacts: Artifacts; judge: Judge },
): Promise<Outcome> {
  if (codes === null) return { status: "Ignored", statusReason: "does not compile" };
  const untouched = vaults.filter((_vault, index) => codes[index]?.created === original[index]?.created);
  if (untouched.length === vaults.length) return { status: "Ignored", statusReason: "compiles to the same code" };
  artifacts.put(codes);
  return { status: await judge.judge(untouched.map(contractIn)) };
}

/** All changes of the part, in the order in which they are drawn. */
function draw(compiler: Compiler, sources: Sources, folder: string, options: Options): readonly Drawn[] {
  const { sourcesLeftOut }: Part = parts[options.part];
  const trees = compiler.trees(decoded(sources));
  const files = globSync([...options.mutate], { cwd: folder, exclude: Object.keys(sourcesLeftOut) }).sort();
  const all = files.flatMap((file): Drawn[] => {
    const tree = trees[file];
    return tree === undefined ? [] : changesOf(tree, sources[file] ?? "").map((change) => ({ file, change }));
  });
  const drawable = all.map(({ file, change }, index) => ({
    ...{ id: String(index), fileName: file, mutatorName: change.operator, replacement: change.replacement },
    location: placeOf(sources[file] ?? "", change),
  }));
  const order = drawMutants(drawable, { size: drawable.length, seed: options.seed, folder: "" });
  return [...order].flatMap((id) => all[Number(id)] ?? []);
}

function readSources(folder: string): Sources {
  const files = globSync("src/**/*.sol", { cwd: folder }).sort();
  return Object.fromEntries(files.map((file) => [file, readFileSync(join(folder, file), "latin1")]));
}

function changed(sources: Sources, file: string, { start, end, replacement }: Change): Sources {
  const source = sources[file] ?? "";
  return { ...sources, [file]: source.slice(0, start) + replacement + source.slice(end) };
}

function decoded(sources: Sources): Sources {
  return Object.fromEntries(
    Object.entries(sources).map(([file, source]) => [file, Buffer.from(source, "latin1").toString("utf8")]),
  );
}

function mutantOf(source: string, change: Change, outcome: Outcome): Mutant {
  const { operator: mutatorName, replacement } = change;
  return { ...outcome, mutatorName, replacement, location: placeOf(source, change) };
}
