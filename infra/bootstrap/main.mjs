/**
 * The entry behind `pnpm demo`, `programme`, `test`, `check`, `bench`, `soak`, `cardhost`, `interop` and `mutation`. It
 * runs on whatever Node ≥ 20 the machine has, with nothing installed: only Node's own modules are imported here and in the files
 * beside it. It brings the machine and the checkout into the state the command needs, and hands over to the Node that the
 * lockfile names.
 */
import { join } from "node:path";
import { buildApplet, buildContracts, buildWorkspace } from "./builds.mjs";
import { withLock } from "./checkout-lock.mjs";
import { BootstrapError, say } from "./console.mjs";
import { handOver } from "./hand-over.mjs";
import { LEAST_OWN_NODE } from "./limits.mjs";
import { installPackages } from "./pnpm-packages.mjs";
import { ensureSystemPackages } from "./system-packages.mjs";
import { lockFile, root, workspaceNode } from "./paths.mjs";

const source = "--conditions=source";
const quiet = "--disable-warning=ExperimentalWarning";
const everything = ["packages", "workspace", "contracts", "applet"];

/** What each command needs built, and the program that carries it out. */
const commands = {
  demo: { needs: everything, program: ["infra/demo/src/main.ts"] },
  programme: { needs: everything, program: ["infra/demo/src/programme/main.ts"] },
  test: { needs: everything, program: ["infra/suites/main.ts"] },
  check: { needs: ["packages", "contracts"], program: ["infra/check/main.ts"] },
  bench: { needs: everything, program: ["bench/src/main.ts"] },
  soak: { needs: everything, program: ["e2e/src/soak-main.ts"] },
  cardhost: { needs: ["packages", "applet"], program: ["infra/stack/src/parts/cardhost-main.ts"] },
  interop: { needs: ["packages", "applet"], program: ["e2e/src/interop/main.ts"] },
  mutation: { needs: ["packages"], program: ["infra/mutation/main.ts"] },
  bootstrap: { needs: everything, program: undefined },
};

const steps = {
  packages: installPackages,
  workspace: buildWorkspace,
  contracts: buildContracts,
  applet: buildApplet,
};

/** The packages first; what is built from them beside each other, because the contracts' compiler uses one core alone. */
async function prepare([packages, ...builds]) {
  await steps[packages]();
  const ends = await Promise.allSettled(builds.map((build) => steps[build]()));
  for (const end of ends) if (end.status === "rejected") throw end.reason;
}

/** Runs one command and answers its exit code. */
async function main([name, ...rest]) {
  const command = Object.hasOwn(commands, name ?? "") ? commands[name] : undefined;
  if (command === undefined) {
    throw new BootstrapError(
      2,
      `there is no command ${name ?? "(none)"}; the commands are ${Object.keys(commands).join(", ")}`,
    );
  }
  if (Number(process.versions.node.split(".")[0]) < 20) {
    throw new BootstrapError(2, `Node ${process.versions.node} is too old; install Node 20 or newer`);
  }
  if (/[\s:]/.test(root)) {
    throw new BootstrapError(
      2,
      `the checkout lies in ${JSON.stringify(root)}; move it to a path without spaces and colons: addons are compiled by make, which takes none`,
    );
  }
  process.chdir(root);
  const onWait = (pid) => say(`process ${pid} prepares this checkout; waiting until it is done …`);
  await withLock({ file: lockFile, onWait }, async () => {
    // The page's and the console's soaks drive a browser and the watch's runs promtool, which nothing else
    // needs.
    const soaks = (kind) => name === "soak" && rest.some((word) => word === kind || word === "all");
    await ensureSystemPackages({ withBrowser: soaks("page") || soaks("console"), withPrometheus: soaks("watch") });
    await prepare(command.needs);
  });
  if (command.program === undefined) return 0;
  const args = rest[0] === "--" ? rest.slice(1) : rest;
  const node = workspaceNode();
  if (node === undefined) {
    throw new BootstrapError(
      2,
      `the lockfile has no Node for ${process.platform} on ${process.arch}, and the machine's is ${process.versions.node}; install Node ${LEAST_OWN_NODE}`,
    );
  }
  return await handOver(node, [source, quiet, ...command.program.map((file) => join(root, file)), ...args]);
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof BootstrapError)) throw error;
  say(error.message);
  process.exitCode = error.exitCode;
}
