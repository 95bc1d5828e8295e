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
 * Jest settings shared by every workspace package: ES modules, TypeScript by swc, workspace packages read from
 * their sources (the `source` export condition), so that tests need no build. A timeout is there for what hangs alone:
 * no test may fail because a machine is slow.
 * @type {import('jest').Config}
 */
export const jestBase = {
  testEnvironment: "node",
  testEnvironmentOptions: { customExportConditions: ["source", "node", "node-addons"] },
  extensionsToTreatAsEsm: [".ts", ".tsx"],
  testTimeout: 120_000,
  testMatch: ["<rootDir>/src/**/*.test.{ts,tsx}", "<rootDir>/test/**/*.test.{ts,tsx}"],
  transform: { "^.+\\.ts$": swc(false), "^.+\\.tsx$": swc(true) },
};
