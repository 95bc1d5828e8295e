import type { Fault, Rule } from "../rule.ts";
import { isProduction, type SourceFile } from "../source-files.ts";

/** Where one file holds one step of a personalization, and where their names stand. */
const STEPS = "apps/card-personalizer/src/steps/";
const STEP_NAMES = `${STEPS}step-names.ts`;
/** Where one file holds one command of the applet. */
const COMMANDS = "packages/card/src/commands/";

/** Each step has a file of its name in a folder below STEPS, which runs it alone and cites the specification. */
export function judgeSteps(files: readonly SourceFile[]): Fault[] {
  const [, list = ""] =
    /STEP_NAMES = \[([^\]]*)\]/.exec(files.find(({ path }) => path === STEP_NAMES)?.text ?? "") ?? [];
  const names = [...list.matchAll(/"([a-z-]+)"/g)].map(([, name = ""]) => name);
  const steps = files.filter(
    ({ path }) => path.startsWith(STEPS) && isProduction(path) && path.slice(STEPS.length).includes("/"),
  );
  const nameOf = (path: string): string => path.slice(path.lastIndexOf("/") + 1, -".ts".length);
  const missing = names
    .filter((name) => !steps.some(({ path }) => nameOf(path) === name))
    .map((name) => ({ path: STEP_NAMES, what: `names the step ${name}, which has no file of its own` }));
  const wrong = steps.flatMap(({ path, text }) => {
    const run = [...text.matchAll(/\.run\("([a-z-]+)"/g)].map(([, name]) => name);
    return [
      ...(run.length === 1 && run[0] === nameOf(path)
        ? []
        : [{ path, what: `runs ${run.join(", ") || "no step"}; it has to run the step of its name, and that alone` }]),
      ...(/spec §\d/.test(text) ? [] : [{ path, what: "cites no clause; name the one its step follows (spec §…)" }]),
    ];
  });
  return [...missing, ...wrong];
}

/** Each instruction of the applet is sent by one file, and a file sends one. */
export function judgeCommands(files: readonly SourceFile[]): Fault[] {
  const senders = new Map<string, string>();
  return files
    .filter(({ path }) => path.startsWith(COMMANDS) && isProduction(path))
    .flatMap(({ path, text }) => {
      const sent = [...new Set([...text.matchAll(/\bINS\.(\w+)/g)].map(([, name = ""]) => name))];
      const taken = sent.filter((name) => senders.has(name));
      for (const name of sent) senders.set(name, senders.get(name) ?? path);
      return [
        ...(sent.length > 1 ? [{ path, what: `sends ${sent.join(", ")}; give each command a file of its own` }] : []),
        ...taken.map((name) => ({ path, what: `sends ${name}, which ${senders.get(name)} sends already` })),
      ];
    });
}

/** One step a file, one command a file. */
export const oneAFileRule: Rule = {
  name: "one a file",
  judge: (files) => ({ faults: [...judgeSteps(files), ...judgeCommands(files)] }),
};
