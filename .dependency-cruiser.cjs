/** The arrows of ARCHITECTURE.md. `pnpm check` fails where an import breaks one. */

/** A package that may import only the named workspace packages. */
function only(name, allowed) {
  const packages = [
    "money",
    "apdu",
    "protocol",
    "card",
    "software-card",
    "vault",
    "ledger-core",
    "program",
    "evm",
    "gateway-client",
  ];
  const others = packages.filter((other) => other !== name && !allowed.includes(other));
  return {
    name: `${name}-arrows`,
    comment: `packages/${name} may import ${allowed.length === 0 ? "no workspace package" : allowed.join(", ")} only.`,
    severity: "error",
    from: { path: `^packages/${name}/`, pathNot: "\\.test\\.tsx?$" },
    to: { path: `^packages/(${others.join("|")})/` },
  };
}

/** What stays in apps: frameworks, drivers, files and processes. Tests and vectors readers may use files. */
const appsOnly =
  "node_modules/(@nestjs|bullmq|ioredis|ethers|pg|kysely|better-sqlite3|fastify|@fastify|pino|commander)/|^(node:)?(fs|fs/promises|child_process|process|os|net|http|https|worker_threads)$";

/** One rule for each place of an app's storeys, and one for what stands in none; infra/check counts the same arrows. */
const storeyRules = Object.entries(require("./infra/check/storeys.json")).flatMap(([root, storeys]) => {
  const name = root.split("/")[1];
  const isTest = "\\.test\\.tsx?$";
  const rules = storeys.flatMap((places, level) =>
    places.map((place) => ({
      name: `${name}-storey-${place.replace(/\W.*/, "")}`,
      comment: "An import points to a storey below; places of one storey do not import each other.",
      severity: "error",
      from: { path: `^${root}/${place}`, pathNot: isTest },
      to: {
        path: storeys
          .slice(0, level + 1)
          .flat()
          .filter((other) => other !== place)
          .map((other) => `^${root}/${other}`),
      },
    })),
  );
  const homeless = {
    name: `${name}-has-no-other-storey`,
    severity: "error",
    from: { path: `^${root}/`, pathNot: [isTest, ...storeys.flat().map((place) => `^${root}/${place}`)] },
    to: {},
  };
  return [...rules.filter(({ to }) => to.path.length > 0), homeless];
});

module.exports = {
  forbidden: [
    ...storeyRules,
    { name: "no-cycles", severity: "error", from: {}, to: { circular: true } },
    {
      name: "packages-never-import-apps",
      comment: "Their tests may start real parts by the development stack.",
      severity: "error",
      from: { path: "^packages/", pathNot: "(\\.test\\.tsx?$|/test/)" },
      to: { path: "^(apps|infra|e2e|bench)/" },
    },
    {
      name: "package-tests-never-import-apps",
      severity: "error",
      from: { path: "^packages/" },
      to: { path: "^(apps|e2e|bench|infra/demo)/" },
    },
    {
      name: "apps-never-import-apps",
      comment: "Apps share wire schemas through packages/protocol.",
      severity: "error",
      from: { path: "^apps/([^/]+)/" },
      to: { path: "^apps/", pathNot: "^apps/$1/" },
    },
    {
      name: "whole-system-code-stays-outside",
      comment:
        "The demo, e2e and bench drive apps as processes; apps reach into the development stack from tests only.",
      severity: "error",
      from: { path: "^apps/", pathNot: "(\\.test\\.tsx?$|/test/|/testing/|/bench/)" },
      to: { path: "^(infra|e2e|bench)/" },
    },
    {
      name: "demo-drives-processes",
      severity: "error",
      from: { path: "^infra/demo/" },
      to: { path: "^(apps|packages|contracts)/" },
    },
    only("money", []),
    only("apdu", []),
    only("protocol", ["money"]),
    only("card", ["apdu", "protocol"]),
    only("software-card", ["apdu", "protocol", "card"]),
    only("vault", ["money", "protocol"]),
    only("ledger-core", ["money"]),
    only("program", ["money", "protocol"]),
    only("gateway-client", []),
    only("evm", ["money", "protocol", "vault"]),
    {
      name: "packages-are-pure",
      comment:
        "NestJS, drivers, files, processes and the network stay in apps, in program, in evm's ethers, in keystore's places of keys and in apdu's reader bindings.",
      severity: "error",
      from: {
        path: "^packages/",
        pathNot:
          "(\\.test\\.tsx?$|/test/|/testing/|/mutation/|^packages/apdu/src/(pcsc|vpcd|reader)/|^packages/program/|^packages/evm/src/ethers/|^packages/keystore/src/(places|pkcs11)/|\\.config\\.mjs$)",
      },
      to: { path: appsOnly },
    },
    {
      name: "program-knows-no-chain-and-no-database",
      comment:
        "packages/program holds what every program needs; ethers stands behind evm's port, drivers stand in apps.",
      severity: "error",
      from: { path: "^packages/program/", pathNot: "\\.test\\.tsx?$" },
      to: { path: "node_modules/(bullmq|ioredis|ethers|pg|kysely|better-sqlite3|commander)/" },
    },
    {
      name: "program-index-needs-no-framework",
      comment: "A command line imports the index; what a NestJS service needs besides stands in service.ts.",
      severity: "error",
      from: { path: "^packages/program/src/index\\.ts$" },
      to: { path: "node_modules/(@nestjs|nestjs-pino|pino|pino-http|rxjs)/", reachable: true },
    },
    {
      name: "evm-index-needs-no-ethers",
      comment: "The library takes long to load; who needs a node imports evm/ethers when it does.",
      severity: "error",
      from: { path: "^packages/evm/src/index\\.ts$" },
      to: { path: "node_modules/ethers/", reachable: true },
    },
    {
      name: "launcher-needs-nothing",
      comment: "It runs before anything is installed or built, on whatever Node the machine has.",
      severity: "error",
      from: { path: "^packages/program/launcher/|^apps/[^/]+/bin/" },
      to: { pathNot: "^packages/program/launcher/|^(node:)?(child_process|fs|os|path|url)$" },
    },
    {
      name: "reader-binding-stays-in-apdu",
      severity: "error",
      from: { pathNot: "^packages/apdu/src/pcsc/|^infra/stack/test/" },
      to: { path: "node_modules/smartcard/" },
    },
    { name: "resolvable", severity: "error", from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    tsPreCompilationDeps: true,
    doNotFollow: { path: "node_modules" },
    exclude: { path: "(/dist/|/node_modules/.*/node_modules/|/out/|/target/)" },
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["source", "import", "node", "default"],
      extensions: [".ts", ".mjs", ".js", ".json"],
    },
  },
};
