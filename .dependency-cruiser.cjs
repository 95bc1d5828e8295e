/** The arrows of ARCHITECTURE.md. `pnpm check` fails where an import breaks one. */

/** A package that may import only the named workspace packages. */
function only(name, allowed) {
  const others = ["money", "apdu", "protocol", "card", "software-card", "vault", "ledger-core"].filter(
    (other) => other !== name && !allowed.includes(other),
  );
  return {
    name: `${name}-arrows`,
    comment: `packages/${name} may import ${allowed.length === 0 ? "no workspace package" : allowed.join(", ")} only.`,
    severity: "error",
    from: { path: `^packages/${name}/`, pathNot: "\\.test\\.ts$" },
    to: { path: `^packages/(${others.join("|")})/` },
  };
}

/** What stays in apps: frameworks, drivers, files and processes. Tests and vectors readers may use files. */
const appsOnly =
  "node_modules/(@nestjs|bullmq|ioredis|ethers|pg|kysely|better-sqlite3|fastify|@fastify|pino|commander)/|^(node:)?(fs|fs/promises|child_process|process|os|net|http|https|worker_threads)$";

module.exports = {
  forbidden: [
    { name: "no-cycles", severity: "error", from: {}, to: { circular: true } },
    {
      name: "packages-never-import-apps",
      comment: "Their tests may start real parts by the development stack.",
      severity: "error",
      from: { path: "^packages/", pathNot: "(\\.test\\.ts$|/test/)" },
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
      from: { path: "^apps/", pathNot: "(\\.test\\.ts$|/test/|/testing/|/bench/)" },
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
    {
      name: "packages-are-pure",
      comment: "NestJS, drivers, files, processes and the network stay in apps and in apdu's reader bindings.",
      severity: "error",
      from: {
        path: "^packages/",
        pathNot: "(\\.test\\.ts$|/test/|/testing/|/mutation/|^packages/apdu/src/(pcsc|vpcd|reader)/|\\.config\\.mjs$)",
      },
      to: { path: appsOnly },
    },
    {
      name: "reader-binding-stays-in-apdu",
      severity: "error",
      from: { pathNot: "^packages/apdu/src/pcsc/|^infra/stack/src/.*\\.test\\.ts$" },
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
