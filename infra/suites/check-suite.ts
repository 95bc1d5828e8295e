import { allChecks, runChecks } from "../check/run-checks.ts";
import type { Suite } from "./suite.ts";

/** The checks of `pnpm check`; each of them counts as one test. */
export function checkSuite(root: string): Suite {
  return {
    name: "check",
    places: 2,
    run: async (work) => {
      let passed = 0;
      let failed = 0;
      let output = "";
      await runChecks(allChecks(root, { names: [], under: [] }), {
        folder: work,
        onEnd: ({ name, result }) => {
          if (result.failed) {
            failed += 1;
            output += `--- ${name}\n${result.output}\n`;
          } else passed += 1;
        },
      });
      return { passed, failed, output };
    },
  };
}
