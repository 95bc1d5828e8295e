import { jestBase } from "../../jest.base.mjs";

export default { ...jestBase, testTimeout: 300_000 };
