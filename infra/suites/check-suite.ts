import { checks } from "../check/checks.ts";
import type { Suite } from "./suite.ts";

/** The checks of `pnpm check`; each of them counts as one test. */
export function checkSuite(root: string): Suite {
  return {
    name: "check",
    run: async (work) => {
      let passed = 0;
      let failed = 0;
      let output = "";
      for (const check of checks(root)) {
        const result = await check.run(work);
        if (result.failed === 0) passed += 1;
        else {
          failed += 1;
          output += `--- ${check.name}\n${result.output}\n`;
        }
      }
      return { passed, failed, output };
    },
  };
}
