import { jestBase } from "../../jest.base.mjs";

export default {
  ...jestBase,
  globalSetup: "<rootDir>/test/global-setup.mjs",
  globalTeardown: "<rootDir>/test/global-teardown.mjs",
  testTimeout: 300_000,
};
