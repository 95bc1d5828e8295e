import { jestBase } from "../../jest.base.mjs";

export default { ...jestBase, maxWorkers: 1, testTimeout: 300_000 };
