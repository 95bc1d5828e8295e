import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { nodePackage, root } from "./paths.mjs";
import { runStep } from "./run.mjs";
import { contentHash, once } from "./stamp.mjs";

/** The pnpm that runs this script, or any on the PATH when the script was started by hand. */
function pnpmCommand() {
  const path = process.env.npm_execpath ?? "";
  if (!path.includes("pnpm")) return { command: "npx", args: ["-y", "pnpm@12"] };
  return /\.[cm]?js$/.test(path) ? { command: process.execPath, args: [path] } : { command: path, args: [] };
}

/** The headers that Node's package carries: addons are compiled against them, as nothing else may be downloaded. */
function headersFolder() {
  if (existsSync(join(nodePackage, "include", "node"))) return nodePackage;
  const other = join(process.execPath, "..", "..");
  return existsSync(join(other, "include", "node", "node_api.h")) ? other : undefined;
}

/** Optional packages are left out silently where they cannot be fetched; the one of this machine must be there. */
function pinnedNode() {
  const { optionalDependencies = {} } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const name = basename(nodePackage);
  return Object.hasOwn(optionalDependencies, name) ? [`node_modules/${name}/bin/node`] : [];
}

function manifests() {
  const folders = ["apps", "packages", "infra"].flatMap((folder) =>
    readdirSync(join(root, folder)).map((name) => join(folder, name, "package.json")),
  );
  return [
    "package.json",
    "pnpm-lock.yaml",
    "pnpm-workspace.yaml",
    ...folders,
    "contracts/package.json",
    "e2e/package.json",
    "bench/package.json",
  ];
}

/** Installs the packages of the lockfile, then runs the allowed build scripts, against the headers of Node's package. */
export async function installPackages() {
  const { command, args } = pnpmCommand();
  await once({
    name: "packages",
    title: "installing the packages of the lockfile",
    hash: contentHash(manifests(), [process.platform, process.arch]),
    outputs: ["node_modules/.bin/tsc", ...pinnedNode()],
    step: async () => {
      await runStep("pnpm install", command, [...args, "install", "--frozen-lockfile", "--ignore-scripts"], {
        env: { CI: "true" },
      });
      const headers = headersFolder();
      const env = { CI: "true", ...(headers === undefined ? {} : { npm_config_nodedir: headers }) };
      await runStep("pnpm rebuild", command, [...args, "-r", "rebuild"], { env });
    },
  });
}
