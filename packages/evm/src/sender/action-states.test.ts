import { describe, expect, it } from "@jest/globals";
import {
  ACTION_STATES,
  type ActionState,
  assertActionEdge,
  isActionState,
  SETTLED_ACTION_STATES,
} from "./action-states.ts";

describe("the states of a chain action", () => {
  const edges: readonly (readonly [ActionState, ActionState])[] = [
    ["planned", "reserved"],
    ["planned", "refused"],
    ["reserved", "signed"],
    ["signed", "broadcast"],
    ["broadcast", "mined"],
    ["broadcast", "planned"],
    ["mined", "broadcast"],
    ["mined", "final"],
    ["mined", "failed"],
    ["failed", "planned"],
    ["refused", "planned"],
  ];
  const every = ACTION_STATES.flatMap((from) => ACTION_STATES.map((to) => [from, to] as const));
  const isEdge = (from: ActionState, to: ActionState) => edges.some(([one, other]) => one === from && other === to);

  it.each(every)("from %s to %s", (from, to) => {
    const go = () => {
      assertActionEdge(from, to);
    };
    if (isEdge(from, to)) expect(go).not.toThrow();
    else expect(go).toThrow(new RegExp(`from ${from} to ${to}`));
  });

  it("have an end in final, failed and refused, of which only the last two can be tried again", () => {
    expect(SETTLED_ACTION_STATES).toEqual(["final", "failed", "refused"]);
    expect(every.filter(([from, to]) => from === "final" && isEdge(from, to))).toEqual([]);
  });

  it("are told from a word of a newer program", () => {
    expect(ACTION_STATES.every((state) => isActionState(state))).toBe(true);
    expect(isActionState("paused")).toBe(false);
    expect(isActionState("")).toBe(false);
  });
});
