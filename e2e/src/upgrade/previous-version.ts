import { join } from "node:path";
import { makeWorkFolder } from "@tallystick/stack";
import { runTool } from "../interop/run-tool.ts";

/** Installing and building take minutes; what takes an hour hangs. */
const BUILD_DEADLINE_MS = 3_600_000;

/** Where the layout of settlement's database is changed. */
const MIGRATIONS = "apps/settlement/src/foundation/database/migrations";

/** Installs and builds the packages and apps of the checkout in whose root it runs, by that checkout's own steps. */
const BUILD = `
const { installPackages } = await import(process.cwd() + "/infra/bootstrap/pnpm-packages.mjs");
const { buildWorkspace } = await import(process.cwd() + "/infra/bootstrap/builds.mjs");
await installPackages();
await buildWorkspace();
`;

/** An older version of this project, built in a folder of its own. */
export interface PreviousVersion {
  readonly commit: string;
  /** Settlement's launcher. */
  readonly settlement: string;
  readonly remove: () => void;
}

/**
 * Checks the commit out in a clone beside this checkout, which is not touched, and builds it.
 * @param ref a commit, tag or branch; null for the last commit before the newest change of settlement's database
 * @throws Error where git does not know it, or it cannot be built
 */
export async function buildPreviousVersion(
  root: string,
  ref: string | null,
  say: (text: string) => void,
): Promise<PreviousVersion> {
  const git = async (...args: readonly string[]): Promise<string> => {
    const run = await runTool({ command: "git", args: ["-C", root, ...args], deadlineMs: BUILD_DEADLINE_MS });
    if (run.code === 0) return run.stdout.trim();
    throw new Error(`git ${args.join(" ")} failed: ${run.output.trim()} — name a commit that this clone has.`);
  };
  const commit = await git("rev-parse", "--verify", `${ref ?? (await beforeNewestMigration(git))}^{commit}`);
  const folder = makeWorkFolder("previous-version");
  const tree = join(folder.path, "tree");
  try {
    await git("clone", "--quiet", "--shared", "--no-checkout", root, tree);
    await git("-C", tree, "checkout", "--quiet", "--detach", commit);
    say(`building the version before, ${commit.slice(0, 12)}\n`);
    const args = ["-C", tree, process.execPath, "--input-type=module", "--eval", BUILD];
    const run = await runTool({ command: "env", args, deadlineMs: BUILD_DEADLINE_MS, hear: say });
    if (run.code !== 0) throw new Error(`the version before could not be built:\n${run.output}`);
    return {
      commit,
      settlement: join(tree, "apps/settlement/bin/tallystick-settlement.mjs"),
      remove: () => folder.remove(),
    };
  } catch (error) {
    folder.remove();
    throw error;
  }
}

async function beforeNewestMigration(git: (...args: readonly string[]) => Promise<string>): Promise<string> {
  const added = await git("log", "-1", "--diff-filter=A", "--format=%H", "--", MIGRATIONS);
  if (added === "") throw new Error("This clone's history has no change of settlement's database: name a commit.");
  return `${added}^`;
}
