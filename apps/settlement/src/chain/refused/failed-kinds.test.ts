import { expect, it } from "@jest/globals";
import { mayDo, STAFF } from "../../foundation/rights.ts";
import { FAILED_KINDS } from "./failed-kinds.ts";

it.each(Object.entries(FAILED_KINDS))("%s: somebody may do what it says, or it goes on without anybody", (_, kind) => {
  const { who, next, retry, setAside, byItself } = kind;
  expect([/^[A-Z]/.test(who), /[.!]$/.test(next)]).toEqual([true, false]);
  // What it tells people to do is a call that there is for them.
  expect([next.includes("try it again"), next.includes("set it aside")]).toEqual([
    retry !== null,
    setAside !== null && next.includes("set it aside"),
  ]);
  if (setAside !== null) expect(retry).toBe(setAside);
  // The call's own right lets everybody through who may do it.
  for (const right of [retry, setAside])
    for (const role of STAFF) if (right !== null && mayDo(role, right)) expect(mayDo(role, "actions")).toBe(true);
  // Set aside, it would only come again.
  if (byItself) expect(setAside).toBeNull();
});
