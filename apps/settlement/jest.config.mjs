import { jestBase } from "../../jest.base.mjs";

// A browser is no part of what `test` installs: `soak console` names the one in which these run.
const browsers = process.env.TALLYSTICK_BROWSER === undefined ? ["test/console/browser"] : [];
// Services that are broken and mended, minutes: `soak watch` asks for them.
const drills = process.env.TALLYSTICK_DRILLS === undefined ? ["test/drills/"] : [];

export default {
  ...jestBase,
  testPathIgnorePatterns: ["/node_modules/", ...browsers, ...drills],
  maxWorkers: 2,
  testTimeout: 300_000,
};
