import { fileURLToPath } from "node:url";

/** A file of what Jest is extended with. */
const extension = (name) => fileURLToPath(new URL(`infra/jest/${name}.mjs`, import.meta.url));

/** TypeScript by swc; elements in `.tsx` files are Preact's. */
const swc = (tsx) => [
  "@swc/jest",
  {
    jsc: {
      target: "es2024",
      parser: { syntax: "typescript", decorators: true, tsx },
      transform: {
        ...{ legacyDecorator: true, decoratorMetadata: true },
        react: { runtime: "automatic", importSource: "preact" },
      },
    },
    module: { type: "es6" },
  },
];

/**
 * Jest settings shared by every workspace package: ES modules, TypeScript by swc, dependencies loaded once a process,
 * workspace packages read from their sources (the `source` export condition), so that tests need no build. A timeout is there for what hangs alone:
 * no test may fail because a machine is slow.
 * @type {import('jest').Config}
 */
export const jestBase = {
  testEnvironment: extension("shared-environment"),
  runtime: extension("shared-runtime"),
  // One global object serves all files: what shared modules put there is not taken apart.
  testEnvironmentOptions: {
    customExportConditions: ["source", "node", "node-addons"],
    globalsCleanup: "off",
  },
  extensionsToTreatAsEsm: [".ts", ".tsx"],
  testTimeout: 120_000,
  testMatch: ["<rootDir>/src/**/*.test.{ts,tsx}", "<rootDir>/test/**/*.test.{ts,tsx}"],
  transform: { "^.+\\.ts$": swc(false), "^.+\\.tsx$": swc(true) },
};
