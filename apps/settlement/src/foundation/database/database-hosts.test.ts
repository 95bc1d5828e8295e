import { describe, expect, it } from "@jest/globals";
import { DatabaseHosts, urlsOfHosts } from "./database-hosts.ts";

describe("the hosts of a database", () => {
  it.each([
    ["postgres://one/tally", ["postgres://one/tally"]],
    ["postgres://one:1,two:2/tally", ["postgres://one:1/tally", "postgres://two:2/tally"]],
    [
      "postgresql://me:a%2Cb@one,two:2/t?sslmode=require",
      ["postgresql://me:a%2Cb@one/t?sslmode=require", "postgresql://me:a%2Cb@two:2/t?sslmode=require"],
    ],
    ["postgres:///tally?host=/run,/tmp", ["postgres:///tally?host=/run,/tmp"]],
  ])("are read from %s", (url, urls) => {
    expect(urlsOfHosts(url)).toEqual(urls);
  });

  it("are taken in a circle, and one that several sessions leave at once is left once", () => {
    const hosts = new DatabaseHosts("postgres://one,two/t");
    expect([hosts.areSeveral, hosts.current]).toEqual([true, "postgres://one/t"]);
    hosts.leave("postgres://one/t");
    hosts.leave("postgres://one/t");
    expect(hosts.current).toBe("postgres://two/t");
    hosts.leave("postgres://two/t");
    expect(hosts.current).toBe("postgres://one/t");
    expect(new DatabaseHosts("postgres://one/t").areSeveral).toBe(false);
  });
});
