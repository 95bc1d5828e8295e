/** `pnpm check`: runs every check, also after one failed, so that one run shows all there is to mend. */
import { makeWorkFolder, onParentGone, projectRoot } from "@tallystick/stack";
import { checks } from "./checks.ts";

// Whatever ends this process, what it started ends with it.
const stop = (): void => process.exit(130);
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, stop);
onParentGone(stop);

const work = makeWorkFolder("check");
let failed = 0;
for (const check of checks(projectRoot())) {
  const start = performance.now();
  const result = await check.run(work.path);
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  if (result.failed > 0) process.stdout.write(`${result.output}\n`);
  process.stdout.write(
    `${check.name.padEnd(20)} ${seconds.padStart(6)} s   ${result.failed === 0 ? "good" : "failed"}\n`,
  );
  failed += result.failed;
}
work.remove();
process.exit(failed === 0 ? 0 : 1);
