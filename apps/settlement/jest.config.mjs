import { jestBase } from "../../jest.base.mjs";

// A browser is no part of what `test` installs: `soak console` names the one in which these run.
const leftOut = process.env.TALLYSTICK_BROWSER === undefined ? ["test/console/browser"] : [];

export default {
  ...jestBase,
  testPathIgnorePatterns: ["/node_modules/", ...leftOut],
  maxWorkers: 2,
  testTimeout: 300_000,
};
