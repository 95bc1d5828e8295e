import { jestBase } from "../../jest.base.mjs";

/** A test here starts the program several times, each with a reader daemon and a card: on a slow machine that takes minutes. */
export default { ...jestBase, testTimeout: 300_000 };
