import { jestBase } from "../../jest.base.mjs";

export default { ...jestBase, testTimeout: 60_000 };
