import { copyPart } from "./copy-part.ts";
import type { Options } from "./options.ts";
import { parts } from "./parts.ts";
import type { FileMutants } from "./score.ts";
import { endTool, installTools, runStryker } from "./stryker.ts";

/** A run of Stryker over a part in TypeScript, on a copy in a work folder. */
export class StrykerRun {
  readonly #root: string;
  readonly #work: string;

  /** `root` is the checkout, `work` an empty folder. */
  constructor({ root, work }: { readonly root: string; readonly work: string }) {
    this.#root = root;
    this.#work = work;
  }

  /** Ends what is running. */
  end(): void {
    endTool();
  }

  /** The mutants of each file, or null where there is no result. */
  async judge(options: Options, say: (text: string) => void): Promise<FileMutants | null> {
    const { folder } = parts[options.part];
    say(`copying ${folder} to ${this.#work}`);
    copyPart({ root: this.#root, work: this.#work, folder });
    say("installing Stryker there");
    await installTools(this.#work);
    return runStryker(this.#root, this.#work, options);
  }
}
