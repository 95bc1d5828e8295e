import { execFileSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";

const folders = [...(process.env.PATH ?? "").split(":"), "/usr/sbin", "/sbin", "/usr/bin", "/bin"].filter(Boolean);

function onPath(...names) {
  return names.every((name) => folders.some((folder) => existsSync(join(folder, name))));
}

function someFile(...paths) {
  return paths.some((path) => existsSync(path));
}

/** Where Debian and Homebrew put the library that stands for an HSM in tests. */
const softHsmLibraries = [
  ...["softhsm", "x86_64-linux-gnu/softhsm", "aarch64-linux-gnu/softhsm"].map((folder) => `/usr/lib/${folder}`),
  ...["/opt/homebrew/lib/softhsm", "/usr/local/lib/softhsm"],
].map((folder) => join(folder, "libsofthsm2.so"));

/** The applet is compiled by a JDK of version 17 or newer: older ones lack what the tests are written in. */
function javaIsThere() {
  if (!onPath("java", "javac")) return false;
  try {
    const [, major] =
      /javac (\d+)/.exec(
        execFileSync("javac", ["-version"], { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] }),
      ) ?? [];
    return Number(major) >= 17;
  } catch {
    return false;
  }
}

function postgresIsThere() {
  const root = "/usr/lib/postgresql";
  if (existsSync(root) && readdirSync(root).some((version) => existsSync(join(root, version, "bin", "postgres"))))
    return true;
  return onPath("postgres", "initdb", "createdb");
}

/**
 * What the project needs of the machine, how to see that it is there, the Debian packages that bring it (the first that
 * the machine's lists know is taken), and the units that those packages would start at boot.
 */
export const needs = [
  {
    name: "PC/SC daemon",
    packages: ["pcscd"],
    units: ["pcscd.socket", "pcscd.service"],
    present: () => onPath("pcscd"),
  },
  {
    name: "virtual card reader",
    packages: ["vsmartcard-vpcd"],
    units: [],
    present: () => someFile("/usr/lib/pcsc/drivers/serial/libifdvpcd.so"),
  },
  {
    name: "PC/SC headers",
    packages: ["libpcsclite-dev"],
    units: [],
    present: () => someFile("/usr/include/PCSC/winscard.h"),
  },
  {
    name: "Java Development Kit 17 or newer",
    packages: ["openjdk-17-jdk-headless", "openjdk-21-jdk-headless", "default-jdk-headless"],
    units: [],
    present: javaIsThere,
  },
  { name: "Maven", packages: ["maven"], units: [], present: () => onPath("mvn") },
  { name: "Redis", packages: ["redis-server"], units: ["redis-server.service"], present: () => onPath("redis-server") },
  { name: "PostgreSQL", packages: ["postgresql"], units: ["postgresql.service"], present: postgresIsThere },
  {
    name: "SoftHSM",
    packages: ["softhsm2"],
    units: [],
    present: () => softHsmLibraries.some((path) => existsSync(path)),
  },
  { name: "C++ compiler", packages: ["build-essential"], units: [], present: () => onPath("g++", "make") },
  { name: "Python 3", packages: ["python3"], units: [], present: () => onPath("python3") },
  { name: "pkg-config", packages: ["pkg-config"], units: [], present: () => onPath("pkg-config") },
];

/** What some commands need besides; installed for these alone. */
export const browserNeed = {
  name: "Chromium",
  packages: ["chromium"],
  units: [],
  present: () => onPath("chromium"),
};

export const prometheusNeed = {
  name: "Prometheus",
  packages: ["prometheus"],
  units: ["prometheus.service"],
  present: () => onPath("promtool"),
};

/** The needs that this machine does not meet; `withBrowser` and `withPrometheus` count those among them. */
export function missingNeeds({ withBrowser = false, withPrometheus = false } = {}) {
  const asked = [...(withBrowser ? [browserNeed] : []), ...(withPrometheus ? [prometheusNeed] : [])];
  return [...needs, ...asked].filter((need) => !need.present());
}
