import { jestBase } from "../../jest.base.mjs";

export default {
  ...jestBase,
  testMatch: [...jestBase.testMatch, "<rootDir>/page/**/*.test.ts"],
  globalSetup: "<rootDir>/test/global-setup.mjs",
  globalTeardown: "<rootDir>/test/global-teardown.mjs",
  testTimeout: 300_000,
};
