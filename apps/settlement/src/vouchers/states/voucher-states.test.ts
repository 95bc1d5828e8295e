import { readFileSync } from "node:fs";
import { describe, expect, it } from "@jest/globals";
import { statesBefore, VOUCHER_STATES } from "./voucher-states.ts";

describe("the states of a voucher", () => {
  const spec = readFileSync(new URL("../../../../../docs/spec/6-settlement.md", import.meta.url), "utf8");
  const section = /## §6\.1 [\s\S]*?(?=\n## §)/.exec(spec)?.[0] ?? "";
  const specified = new Map(
    [...section.matchAll(/^\| ([a-z]+) \|.*\| ([a-z, ]+) \|$/gm)]
      .filter(([, state]) => state !== "state")
      .map(([, state, next]) => [state, (next ?? "").split(", ").filter((each) => each !== "none")]),
  );

  it.each(VOUCHER_STATES)("has the next states of %s that the specification names (spec §6.1)", (state) => {
    const next = VOUCHER_STATES.filter((to) => statesBefore(to).includes(state));
    expect([...(specified.get(state) ?? ["not specified"])].sort()).toEqual([...next].sort());
  });
});
