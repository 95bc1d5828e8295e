import { createRequire } from "node:module";

/** The runtime is a dependency of Jest's own: the way to it leads through Jest. */
const file = ["jest", "@jest/core", "jest-runtime"].reduce(
  (from, name) => createRequire(from).resolve(name),
  import.meta.filename,
);
const { default: Runtime } = createRequire(import.meta.url)(file);

const isForeign = (key) => key.includes("/node_modules/");

/** The modules of one test file: its own ones, which go with it, and foreign ones, which are there for all. */
class Registry extends Map {
  #foreign;

  constructor(foreign) {
    super();
    this.#foreign = foreign;
  }

  has(key) {
    return super.has(key) || this.#foreign.has(key);
  }

  get(key) {
    return super.get(key) ?? this.#foreign.get(key);
  }

  set(key, module) {
    if (isForeign(key)) this.#foreign.set(key, module);
    else super.set(key, module);
    return this;
  }

  delete(key) {
    return super.delete(key) || this.#foreign.delete(key);
  }
}

const foreign = { commonjs: new Map(), modules: new Map() };

/** That of the file that runs now. */
let current;

/**
 * Jest's runtime, which loads the house's modules anew for each test file, and those of dependencies once a process: to
 * load a framework takes longer than most files. What a dependency loads later is loaded by the file that runs then. It
 * needs `SharedEnvironment`.
 */
class SharedRuntime extends Runtime {
  constructor(...args) {
    super(...args);
    this.registries.moduleRegistry = new Registry(foreign.commonjs);
    this.registries.esModuleRegistry = new Registry(foreign.modules);
    for (const name of ["dynamicImport", "dynamicImportFromCjs"]) {
      const own = this.esmLoader[name].bind(this.esmLoader);
      this.esmLoader[name] = async (...call) => await (this === current ? own : current.esmLoader[name])(...call);
    }
    current = this;
  }

  requireModuleOrMock(from, name) {
    return this === current ? super.requireModuleOrMock(from, name) : current.requireModuleOrMock(from, name);
  }
}

// What Jest gets by `require`.
export { SharedRuntime as "module.exports" };
