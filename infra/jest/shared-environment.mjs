import { createRequire } from "node:module";

/** The environment is a dependency of Jest's own: the way to it leads through Jest. */
const file = ["jest", "@jest/core", "jest-config", "jest-environment-node"].reduce(
  (from, name) => createRequire(from).resolve(name),
  import.meta.filename,
);
const { TestEnvironment } = createRequire(import.meta.url)(file);

/** The one environment of this process. */
let shared;
/** What its global object had before the first test. */
let names;

/**
 * Node's environment, with one context for all test files of a process: a module belongs to the context in which it was
 * loaded, and what `SharedRuntime` keeps serves the next file. Each file finds a `process` of its own, and no global that
 * an earlier one has added.
 */
export default class SharedEnvironment extends TestEnvironment {
  constructor(config, options) {
    super(config, options);
    if (shared === undefined) {
      shared = this;
      names = new Set(Reflect.ownKeys(this.global));
    }
    const { global } = shared;
    for (const name of Reflect.ownKeys(global)) {
      if (!names.has(name)) Reflect.deleteProperty(global, name);
    }
    global.process = this.global.process;
    return shared;
  }

  async teardown() {
    const { context, fakeTimers, fakeTimersModern } = this;
    await super.teardown();
    Object.assign(this, { context, fakeTimers, fakeTimersModern });
  }
}
