import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { BootstrapError, say } from "./console.mjs";
import { missingNeeds } from "./needs.mjs";
import { root } from "./paths.mjs";
import { runStep } from "./run.mjs";

const installer = join(root, "infra", "bootstrap", "install-needs.mjs");

/** Whether sudo is there, and whether it asks for no password. */
function findSudo() {
  try {
    execFileSync("sudo", ["-n", "true"], { stdio: "ignore" });
    return { found: true, allowed: true };
  } catch (error) {
    return { found: error.code !== "ENOENT", allowed: false };
  }
}

/** On a Mac there is no virtual PC/SC driver: cards are reached through cardhost's own socket. */
function checkMac(wanted) {
  const missing = missingNeeds(wanted).filter(
    (need) => !["PC/SC daemon", "virtual card reader", "PC/SC headers"].includes(need.name),
  );
  say("the virtual PC/SC driver cannot be had on this system; cards are reached through cardhost's own socket");
  if (missing.length === 0) return;
  throw new BootstrapError(
    1,
    "install what is missing: brew install openjdk@17 maven redis postgresql@17 softhsm pkg-config, and xcode-select --install",
  );
}

/**
 * Installs the system packages that are missing, a browser with `withBrowser` and Prometheus with `withPrometheus`: directly as root, through sudo where it asks
 * no password, and else it names the one line to run. No service is started, and none that runs is touched.
 */
export async function ensureSystemPackages(wanted) {
  if (process.platform === "darwin") {
    checkMac(wanted);
    return;
  }
  const missing = missingNeeds(wanted);
  const options = [...(wanted.withBrowser ? ["--browser"] : []), ...(wanted.withPrometheus ? ["--prometheus"] : [])];
  if (missing.length === 0) return;
  const names = missing.map((need) => need.name).join(", ");
  if (!existsSync("/usr/bin/apt-get")) {
    throw new BootstrapError(1, `this machine has no apt-get; install by its own means: ${names}`);
  }
  const isRoot = process.getuid?.() === 0;
  const sudo = isRoot ? undefined : findSudo();
  if (sudo?.allowed === false) {
    const how = sudo.found ? "Run this line once" : "Have root run this line once";
    const line = `${sudo.found ? "sudo " : ""}${[process.execPath, installer, ...options].join(" ")}`;
    throw new BootstrapError(1, `missing: ${names}. ${how}, then run the command again:\n${line}`);
  }
  say(`installing from Debian's packages: ${names} …`);
  const start = performance.now();
  const [command, ...args] = isRoot
    ? [process.execPath, installer, ...options]
    : ["sudo", "-n", process.execPath, installer, ...options];
  await runStep("installing system packages", command, args);
  const still = missingNeeds(wanted);
  if (still.length > 0)
    throw new BootstrapError(1, `still missing after the installation: ${still.map((need) => need.name).join(", ")}`);
  say(`installing took ${Math.round((performance.now() - start) / 1000)} s`);
}
