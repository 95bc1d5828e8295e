import { describe, expect, it } from "@jest/globals";
import { DatabaseAway, databaseAwayReason } from "./database-away.ts";

const coded = (code: unknown): Error => Object.assign(new Error("of the server"), { code });

describe("a database that does not answer", () => {
  it.each(["ECONNREFUSED", "ETIMEDOUT", "08006", "53300", "57P01", "57014", "25P03", "25006"])(
    "is told by the code %s",
    (code) => {
      expect(databaseAwayReason(coded(code))).toBe(code);
    },
  );
  it.each(["Connection terminated unexpectedly", "Query read timeout"])("is told by the words %s", (words) => {
    expect(databaseAwayReason(new Error(words))).toBe(words);
  });
  it("is told by a session at a host that only reads", () => {
    expect(databaseAwayReason(new DatabaseAway("only reads"))).toBe("DATABASE_AWAY");
  });
  it.each([
    coded("23505"),
    coded("57P06"),
    coded("08"),
    coded(8),
    new Error("Connection terminated by a joke"),
    Object.assign(new Error("Query read timeout"), { code: "23505" }),
    "ECONNREFUSED",
    null,
  ])("is not told by %p", (error) => {
    expect(databaseAwayReason(error)).toBeNull();
  });
});
