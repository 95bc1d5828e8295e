/**
 * Jest settings shared by every workspace package: ES modules, TypeScript by swc, workspace packages read from
 * their sources (the `source` export condition), so that tests need no build. A timeout is there for what hangs alone:
 * no test may fail because a machine is slow.
 * @type {import('jest').Config}
 */
export const jestBase = {
  testEnvironment: "node",
  testEnvironmentOptions: { customExportConditions: ["source", "node", "node-addons"] },
  extensionsToTreatAsEsm: [".ts"],
  testTimeout: 120_000,
  testMatch: ["<rootDir>/src/**/*.test.ts", "<rootDir>/test/**/*.test.ts"],
  transform: {
    "^.+\\.ts$": [
      "@swc/jest",
      {
        jsc: {
          target: "es2024",
          parser: { syntax: "typescript", decorators: true },
          transform: { legacyDecorator: true, decoratorMetadata: true },
        },
        module: { type: "es6" },
      },
    ],
  },
};
