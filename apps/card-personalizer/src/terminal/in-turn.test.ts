import { expect, it } from "@jest/globals";
import { Failure } from "../failures.ts";
import { inTurn } from "./in-turn.ts";

it("does the work of one owner one after the other, also after one that failed, and of others beside it", async () => {
  const seen: string[] = [];
  const [owner, other] = [{}, {}];
  const gate: { open: () => void } = { open: () => undefined };
  const first = inTurn(owner, async () => {
    await new Promise<void>((resolve) => (gate.open = resolve));
    seen.push("first");
    throw new Failure("FAULT");
  });
  const second = inTurn(owner, async () => seen.push("second"));
  await inTurn(other, async () => seen.push("other"));
  expect(seen).toEqual(["other"]);
  gate.open();
  await expect(first).rejects.toMatchObject({ code: "FAULT" });
  await second;
  expect(seen).toEqual(["other", "first", "second"]);
});
