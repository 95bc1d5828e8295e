/**
 * What the tests import from `@jest/globals`, on top of Mocha: Jest loads every module anew for each mutant, which takes
 * seconds, while Mocha keeps them. `expect` is Jest's own. Snapshots are not compared, which can only lower a score.
 */
import { createRequire } from "node:module";
import { format } from "node:util";

// The library is there in the work folder only, where this file is copied to, and so not for an import to name.
const load = createRequire(import.meta.url);
const { expect } = load("expect");

expect.extend({ toMatchSnapshot: () => ({ pass: true, message: () => "" }) });

/** A row's title as Jest writes it, with the row's number: Stryker finds a test by its title, so each needs its own. */
function titleOf(title, row, number) {
  const named = title.replace(/\$(\w+)/g, (text, name) =>
    Object.hasOwn(row[0] ?? {}, name) ? String(row[0][name]) : text,
  );
  const wanted = (named.match(/%[sdifjoOp#]/g) ?? []).length;
  return `${format(named.replace(/%[jp]/g, "%s"), ...row.slice(0, wanted).map(printable))} (row ${number})`;
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

const mocha = globalThis;
const plain = (define) => (title, body) => define(title, () => body());
const it = Object.assign(plain(mocha.it), { each: each(mocha.it) });
const describe = Object.assign(plain(mocha.describe), { each: each(mocha.describe) });
const hook = (define) => (body) => define(() => body());
const beforeAll = hook(mocha.before);
const afterAll = hook(mocha.after);
const beforeEach = hook(mocha.beforeEach);
const afterEach = hook(mocha.afterEach);

export { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, it as test };
