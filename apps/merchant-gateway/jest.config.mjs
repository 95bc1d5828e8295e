import { jestBase } from "../../jest.base.mjs";

// A browser is no part of what `test` installs: `soak page` names the one in which these run.
const leftOut = process.env.TALLYSTICK_BROWSER === undefined ? ["test/page/browser"] : [];

export default {
  ...jestBase,
  testMatch: [...jestBase.testMatch, "<rootDir>/page/**/*.test.ts"],
  testPathIgnorePatterns: ["/node_modules/", ...leftOut],
  globalSetup: "<rootDir>/test/global-setup.mjs",
  globalTeardown: "<rootDir>/test/global-teardown.mjs",
  testTimeout: 300_000,
};
