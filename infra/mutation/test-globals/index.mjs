/**
 * What the tests import from `@jest/globals`, on top of Mocha: Jest loads every module anew for each mutant, which takes
 * seconds, while Mocha keeps them. `expect` is Jest's own. Snapshots are not compared, which can only lower a score.
 */
import { createRequire } from "node:module";
import { format } from "node:util";
import fc from "fast-check";
import { FIRST_TEST_MS, LEAST_TEST_MS, MOST_TITLE_CHARACTERS, TIMES_USUAL } from "./limits.mjs";

// The libraries are there in the work folder only, where this file is copied to, and so not for an import to name.
const load = createRequire(import.meta.url);
const { expect } = load("expect");
const { ModernFakeTimers } = load("@jest/fake-timers");
const { ModuleMocker } = load("jest-mock");

// One fault found is enough here, so a counterexample is not made smaller; one seed makes a score that can be had again.
fc.configureGlobal({ seed: 1, endOnFailure: true });

const passes = () => ({ pass: true, message: () => "" });
expect.extend({ toMatchSnapshot: passes, toMatchInlineSnapshot: passes });

const timers = new ModernFakeTimers({ config: { fakeTimers: {}, rootDir: process.cwd() }, global: globalThis });
const mocker = new ModuleMocker(globalThis);

/** The part of Jest's `jest` that tests here use; Mocha took the real timers before any test could replace them. */
const jest = {
  useFakeTimers: (options) => timers.useFakeTimers(options),
  useRealTimers: () => timers.useRealTimers(),
  advanceTimersByTime: (milliseconds) => timers.advanceTimersByTime(milliseconds),
  advanceTimersByTimeAsync: (milliseconds) => timers.advanceTimersByTimeAsync(milliseconds),
  getTimerCount: () => timers.getTimerCount(),
  fn: (implementation) => mocker.fn(implementation),
  spyOn: (...target) => mocker.spyOn(...target),
  restoreAllMocks: () => mocker.restoreAllMocks(),
};

/** A row's title as Jest writes it, with the row's number: Stryker finds a test by its title, so each needs its own. */
function titleOf(title, row, number) {
  const named = title.replace(/\$(\w+)/g, (text, name) =>
    Object.hasOwn(row[0] ?? {}, name) ? String(row[0][name]) : text,
  );
  const wanted = (named.match(/%[sdifjoOp#]/g) ?? []).length;
  const text = format(named.replace(/%[jp]/g, "%s"), ...row.slice(0, wanted).map(printable));
  return `${text.slice(0, MOST_TITLE_CHARACTERS)} (row ${number})`;
}

function printable(value) {
  return typeof value === "object" && value !== null ? Object.prototype.toString.call(value) : value;
}

/** `it.each` and `describe.each` over an array of rows; a row that is no array is the only argument. */
function each(define) {
  return (rows) => (title, body) => {
    for (const [index, entry] of rows.entries()) {
      const row = Array.isArray(entry) ? entry : [entry];
      define(titleOf(title, row, index + 1), () => body(...row));
    }
  };
}

/** How many `describe` are open; at 0 a hook is its file's in Jest and every file's in Mocha. */
let depth = 0;

/** How long each test took when it first passed in this process, in milliseconds, by its whole title. */
const usual = new Map();

// No test may replace this clock.
const now = performance.now.bind(performance);

/** A test that ends by itself when it hangs: without a limit of its own, the whole process would have to end and load anew. */
function limited(body) {
  return async function ofOneTest() {
    const title = this.test.fullTitle();
    const took = usual.get(title);
    this.timeout(took === undefined ? FIRST_TEST_MS : Math.ceil(LEAST_TEST_MS + TIMES_USUAL * took));
    const began = now();
    await body();
    if (took === undefined) usual.set(title, now() - began);
  };
}

// Mocha's own functions are looked up at each call: it gives every file new ones, which know the file.
const defineTest = (title, body) => globalThis.it(title, limited(body));
const defineSuite = (title, body) =>
  globalThis.describe(title, () => {
    depth += 1;
    body();
    depth -= 1;
  });

/** The file that is being loaded, as Mocha notes it in whatever the file defines. */
function currentFile() {
  const probe = globalThis.describe("", () => undefined);
  probe.parent.suites.pop();
  return probe.file;
}

function eachHook(name) {
  return (body) => {
    if (depth > 0) return globalThis[name](() => body());
    const file = currentFile();
    return globalThis[name](function ofThisFile() {
      return this.currentTest.file === file ? body() : undefined;
    });
  };
}

function allHook(name) {
  return (body) => (depth > 0 ? globalThis[name](() => body()) : hookOfFile(name, body));
}

/** What stands outside every `describe` with `beforeAll` and `afterAll`, by file, and whether it has begun in this run. */
const hooksOfFiles = new Map();

/** Jest runs such a hook around its file; Mocha knows no file, so it begins with the file's first test of a run. */
function hookOfFile(name, body) {
  const file = currentFile();
  if (!hooksOfFiles.has(file)) {
    const hooks = { before: [], after: [], begun: false };
    hooksOfFiles.set(file, hooks);
    globalThis.beforeEach(async function beginFile() {
      if (this.currentTest.file !== file || hooks.begun) return;
      hooks.begun = true;
      for (const hook of hooks.before) await hook();
    });
    globalThis.after(async () => {
      if (!hooks.begun) return;
      hooks.begun = false;
      for (const hook of hooks.after) await hook();
    });
  }
  hooksOfFiles.get(file)[name].push(body);
}

const it = Object.assign(defineTest, { each: each(defineTest) });
const describe = Object.assign(defineSuite, { each: each(defineSuite) });
const [beforeEach, afterEach] = [eachHook("beforeEach"), eachHook("afterEach")];
const [beforeAll, afterAll] = [allHook("before"), allHook("after")];

export { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, it as test, jest };
