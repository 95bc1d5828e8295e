import { jestBase } from "../jest.base.mjs";

/** Whole-system tests start many processes; one at a time is enough for two cores. */
export default { ...jestBase, maxWorkers: 1, testTimeout: 600_000 };
