import { afterEach, beforeEach, expect, it } from "@jest/globals";
import Database from "better-sqlite3";
import { type SqlValue, Statements } from "./statements.ts";

let database: Database.Database;
let compiled: string[];
let statements: Statements;

beforeEach(() => {
  database = new Database(":memory:");
  database.defaultSafeIntegers(true);
  database.exec("CREATE TABLE kept (name TEXT PRIMARY KEY, value ANY, bytes BLOB, number INTEGER) STRICT");
  compiled = [];
  statements = new Statements({
    prepare: ((sql: string) => {
      compiled.push(sql);
      return database.prepare(sql);
    }) as Database.Database["prepare"],
  });
});

afterEach(() => {
  database.close();
});

it("compiles a statement once, and shows SQLite no bare parameter for which it would compile it again", () => {
  const sql = "SELECT name, '?' AS mark FROM kept WHERE name = ? AND number <= ? ORDER BY number LIMIT ?";
  for (const number of [1, 0, 2]) statements.many(sql, "a", number, number);
  expect(compiled).toEqual([
    "SELECT name, '?' AS mark FROM kept WHERE name = +? AND number <= +? ORDER BY number LIMIT +?",
  ]);
});

it.each<[string, SqlValue, SqlValue]>([
  ["a text", "it's ?", "it's ?"],
  ["a number", -1n, -1n],
  ["a large number", 2n ** 63n - 1n, 2n ** 63n - 1n],
  ["bytes", Uint8Array.of(0, 255, 63), Buffer.from([0, 255, 63])],
  ["no bytes", new Uint8Array(0), Buffer.alloc(0)],
  ["nothing", null, null],
])("keeps %s and finds it again as what it is", (_what, value, kept) => {
  const bytes = value instanceof Uint8Array ? value : null;
  const number = typeof value === "bigint" ? Number(value % 1_000n) : null;
  expect(statements.run("INSERT INTO kept VALUES (?, ?, ?, ?)", "it's ?", value, bytes, number)).toBe(1);
  const row = statements.one<{ readonly value: unknown; readonly mark: string }>(
    "SELECT value, '?' AS mark FROM kept WHERE name = ? AND value IS ? AND bytes IS ? AND number IS ? LIMIT ?",
    ...["it's ?", value, bytes, number, 1],
  );
  expect(row).toEqual({ value: kept, mark: "?" });
  expect(statements.many("SELECT name FROM kept WHERE name = ?", "another")).toEqual([]);
});
