import { expect, it } from "@jest/globals";
import { processesOf } from "./keep.ts";

const stack = {
  processes: () => ({ postgresql: 1, redis: 2, chain: 3, settlement: 4, terminalA: 5, terminalB: 6 }),
};

it("names every process that is left, with a sandbox those that it started", () => {
  expect(processesOf(stack, null)).toEqual(stack.processes());
  expect(processesOf(stack, { process: { pid: 9 }, pids: [14, 15, 16] })).toEqual({
    ...{ postgresql: 1, redis: 2, chain: 3 },
    ...{ sandbox: 9, settlement: 14, terminalA: 15, terminalB: 16 },
  });
});
