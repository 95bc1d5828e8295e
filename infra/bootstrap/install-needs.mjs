/**
 * Installs the missing system packages, as root. Debian's packages for Redis, PostgreSQL and pcscd start services when they
 * are installed and at every boot; the project runs its own on private ports, so here they are installed without that:
 * - policy-rc.d refuses starts while packages are being installed (Debian Policy 9.3.3.1); one that was there comes back
 * - create_main_cluster = false while PostgreSQL is installed; the file is put back as its package brought it
 * - units that these packages newly brought are disabled; units of packages that were there are not touched
 */
import { execFileSync } from "node:child_process";
import { appendFileSync, copyFileSync, existsSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { missingNeeds } from "./needs.mjs";

const policy = "/usr/sbin/policy-rc.d";
const savedPolicy = `${policy}.before-tallystick`;
const policyMark = "# Written by Tallystick's bootstrap while it installs packages.";
const cluster = "/etc/postgresql-common/createcluster.conf";
const savedCluster = `${cluster}.before-tallystick`;

function apt(...args) {
  execFileSync("apt-get", ["--quiet", "--option", "DPkg::Lock::Timeout=300", ...args], {
    stdio: "inherit",
    env: { ...process.env, DEBIAN_FRONTEND: "noninteractive", NEEDRESTART_MODE: "l" },
  });
}

/** Whether the machine's package lists know a package that can be installed under this name. */
function isKnown(name) {
  const answer = execFileSync("apt-cache", ["policy", name], { encoding: "utf8" });
  return /Candidate: (?!\(none\))\S/.test(answer);
}

/** Puts back what an interrupted run left. */
function repair() {
  if (existsSync(policy) && readFileSync(policy, "utf8").includes(policyMark)) rmSync(policy);
  if (existsSync(savedPolicy)) renameSync(savedPolicy, policy);
  if (existsSync(savedCluster)) renameSync(savedCluster, cluster);
}

function refuseStarts() {
  if (existsSync(policy)) renameSync(policy, savedPolicy);
  writeFileSync(policy, `#!/bin/sh\n${policyMark}\nexit 101\n`, { mode: 0o755 });
}

function keepUnitsOff(units) {
  if (units.length === 0 || !existsSync("/usr/bin/systemctl")) return;
  try {
    execFileSync("systemctl", ["disable", "--quiet", ...units], { stdio: "inherit" });
  } catch {
    process.stderr.write(`could not disable ${units.join(", ")}; they may start at the next boot\n`);
  }
}

const missing = missingNeeds({
  withBrowser: process.argv.includes("--browser"),
  withPrometheus: process.argv.includes("--prometheus"),
});
if (missing.length > 0) {
  repair();
  apt("update");
  refuseStarts();
  try {
    const packages = missing.map((need) => need.packages.find(isKnown) ?? need.packages[0]);
    if (packages.includes("postgresql")) {
      apt("install", "--yes", "--no-install-recommends", "postgresql-common");
      copyFileSync(cluster, savedCluster);
      appendFileSync(cluster, "\ncreate_main_cluster = false\n");
    }
    apt("install", "--yes", "--no-install-recommends", ...packages);
  } finally {
    repair();
  }
  keepUnitsOff(missing.flatMap((need) => need.units));
}
