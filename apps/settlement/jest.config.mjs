import { jestBase } from "../../jest.base.mjs";

export default { ...jestBase, maxWorkers: 2, testTimeout: 300_000 };
