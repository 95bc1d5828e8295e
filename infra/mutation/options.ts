import { parseArgs } from "node:util";
import { MAX_JOBS } from "./limits.ts";
import { isPackageName, type PackageName, packages } from "./packages.ts";

/** What to measure: a package, the globs of its sources and of the tests that judge, with how many programs, and where the survivors are listed. */
export type Options = {
  readonly package: PackageName;
  readonly mutate: readonly string[];
  readonly tests: readonly string[];
  readonly jobs: number;
  readonly report: string;
  readonly static: boolean;
};

/** One line on how the command is called. */
export function usage(): string {
  const names = Object.keys(packages).join("|");
  return `usage: pnpm mutation [--package ${names}] [--mutate src/caps.ts,src/wire/**/*.ts] [--tests src/wire/*.test.ts] [--jobs 1…${MAX_JOBS}] [--report FILE] [--static]`;
}

/** The options of a command line, or null when it is not one. */
export function readOptions(args: readonly string[]): Options | null {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        package: { type: "string", default: "protocol" },
        mutate: { type: "string", default: "src/**/*.ts" },
        tests: { type: "string", default: "{src,test}/**/*.test.ts" },
        jobs: { type: "string", default: "1" },
        report: { type: "string" },
        static: { type: "boolean", default: false },
      },
    });
    const jobs = /^[1-9][0-9]?$/.test(values.jobs) ? Number(values.jobs) : 0;
    const mutate = values.mutate.split(",");
    // A comma inside braces is part of a glob, so a list of tests has none.
    const tests = values.tests.includes("{") ? [values.tests] : values.tests.split(",");
    // Stryker reads a leading exclamation mark as "not this", and a path out of the folder would leave the copy.
    if (!mutate.every((path) => /^src\/[^!]+$/.test(path) && !path.includes(".."))) return null;
    if (!tests.every((path) => /^(src|test|\{src,test\})\/[^!]+\.test\.ts$/.test(path) && !path.includes("..")))
      return null;
    if (!isPackageName(values.package) || jobs < 1 || jobs > MAX_JOBS) return null;
    const report = values.report ?? `.tallystick/mutation-${values.package}.json`;
    return { package: values.package, mutate, tests, jobs, report, static: values.static };
  } catch {
    return null;
  }
}
