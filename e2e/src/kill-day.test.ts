import { randomInt } from "node:crypto";
import { describe, expect, it } from "@jest/globals";
import { playDay } from "./kill-day.ts";

const seed = randomInt(1, 2 ** 31);

describe(`a merchant's day with kills at random moments, seed ${seed}`, () => {
  it("loses nothing and doubles nothing", async () => {
    const said: string[] = [];
    const result = await playDay({ kills: 5, seed, durable: false, say: (text) => said.push(text) }).catch(
      (error: unknown) => {
        throw new Error(`seed ${seed}: ${String(error)}\n${said.join("")}`);
      },
    );
    expect(result).toMatchObject({ seed, sales: 48, lost: 0, doubled: 0 });
    expect(Number(result.ledgerDifference)).toBe(0);
    expect(Object.values(result.kills).reduce((sum, count) => sum + count, 0)).toBe(5);
  });
});
