import { describe, expect, it } from "@jest/globals";
import { databaseNameOf, withDatabase, withoutPassword } from "./database-url.ts";

describe("a database's URL", () => {
  it.each([
    ["postgres://a:b@one:1,two:2/books?sslmode=require", "books", "postgres://a:b@one:1,two:2/x?sslmode=require"],
    ["postgresql://one/books", "books", "postgresql://one/x"],
    ["postgres://ada@one", "ada", "postgres://ada@one/x"],
    ["postgres:///my%20books?host=/run", "my books", "postgres:///x?host=/run"],
  ])("%s names its database, and another one of its server", (url, name, other) => {
    expect([databaseNameOf(url), withDatabase(url, "x")]).toEqual([name, other]);
  });

  it.each([
    ["postgres://a:b%40c@one/books", "postgres://a@one/books", "b@c"],
    ["postgres://a@one/books?password=p&sslmode=require", "postgres://a@one/books?sslmode=require", "p"],
    ["postgres://a@one/books?sslmode=require&password=p", "postgres://a@one/books?sslmode=require", "p"],
    ["postgres://one/books", "postgres://one/books", null],
  ])("%s is shown to a program without its password", (url, shown, password) => {
    expect(withoutPassword(url)).toEqual({ url: shown, password });
  });
});
