import { existsSync } from "node:fs";
import { join } from "node:path";
import { root, workspaceBin } from "./paths.mjs";
import { runStep } from "./run.mjs";
import { contentHash, once } from "./stamp.mjs";

/** Compiles packages and apps; turbo remembers what has not changed. */
export async function buildWorkspace() {
  await once({
    name: "workspace",
    title: "building packages and apps",
    hash: contentHash([
      "packages",
      "apps",
      "infra/stack",
      "tsconfig.base.json",
      "turbo.json",
      "package.json",
      "pnpm-lock.yaml",
    ]),
    outputs: [
      "apps/settlement/dist/main.js",
      "apps/merchant-gateway/dist/main.js",
      "apps/card-personalizer/dist/main.js",
    ],
    step: async () =>
      await runStep("the build", join(workspaceBin, "turbo"), [
        "run",
        "build",
        "--filter=!@tallystick/contracts",
        "--output-logs=errors-only",
      ]),
  });
}

/** Compiles the contracts with the compiler from the lockfile. */
export async function buildContracts() {
  if (!existsSync(join(root, "contracts", "foundry.toml"))) return;
  await once({
    name: "contracts",
    title: "building the contracts",
    hash: contentHash(["contracts", "pnpm-lock.yaml"]),
    outputs: ["contracts/out"],
    step: async () => {
      // The compiler's path in foundry.toml counts from the working folder.
      const cwd = join(root, "contracts");
      await runStep("forge build", join(cwd, "node_modules", ".bin", "forge"), ["build"], { cwd });
    },
  });
}

/** Compiles the applet and cardhost; their tests belong to the test command. */
export async function buildApplet() {
  await once({
    name: "applet",
    title: "building the applet and cardhost",
    hash: contentHash(["applet"]),
    outputs: ["applet/cardhost/target/cardhost.jar"],
    step: async () =>
      await runStep("mvn package", "mvn", [
        "--batch-mode",
        "--quiet",
        "--file",
        "applet/pom.xml",
        "package",
        "-DskipTests",
      ]),
  });
}
