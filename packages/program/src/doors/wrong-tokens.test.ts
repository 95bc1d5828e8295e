import { describe, expect, it } from "@jest/globals";
import { MAX_WATCHED_ADDRESSES, WRONG_TOKEN_WINDOW_MS, WRONG_TOKENS_A_WINDOW } from "../limits.ts";
import { WrongTokens } from "./wrong-tokens.ts";

function watched() {
  const lines: string[] = [];
  const clock = { now: 5_000 };
  const tokens = new WrongTokens({ now: () => clock.now, warn: (line) => lines.push(line) });
  const guess = (address: string, times: number): void => {
    for (let time = 0; time < times; time += 1) tokens.wrong(address);
  };
  return { tokens, clock, lines, guess };
}

describe("wrong tokens", () => {
  it("silence their address until the window ends, and no other one", () => {
    const { tokens, clock, guess } = watched();
    guess("a", WRONG_TOKENS_A_WINDOW - 1);
    expect(tokens.waitSeconds("a", "t")).toBe(0);
    guess("a", 1);
    expect(tokens.waitSeconds("a", "t")).toBe(WRONG_TOKEN_WINDOW_MS / 1_000);
    expect(tokens.waitSeconds("b", "t")).toBe(0);
    clock.now += WRONG_TOKEN_WINDOW_MS - 1;
    expect(tokens.waitSeconds("a", "t")).toBe(1);
    clock.now += 1;
    expect(tokens.waitSeconds("a", "t")).toBe(0);
  });

  it("do not silence a token that was right from there", () => {
    const { tokens, guess } = watched();
    tokens.right("a", "good");
    guess("a", WRONG_TOKENS_A_WINDOW);
    expect([tokens.waitSeconds("a", "good"), tokens.waitSeconds("a", "other") > 0]).toEqual([0, true]);
    guess("b", WRONG_TOKENS_A_WINDOW);
    expect(tokens.waitSeconds("b", "good")).toBeGreaterThan(0);
  });

  it("are logged once a window, with how many the window before had", () => {
    const { clock, lines, guess } = watched();
    guess("a", 299);
    guess("b", 1);
    expect(lines).toHaveLength(1);
    clock.now += WRONG_TOKEN_WINDOW_MS;
    guess("c", 2);
    expect(lines).toHaveLength(2);
    expect(lines[1]).toContain("300");
  });

  it("of more addresses than are counted apart are counted together", () => {
    const { tokens, guess } = watched();
    for (let count = 0; count < MAX_WATCHED_ADDRESSES; count += 1) guess(`a${count}`, 1);
    for (let count = 0; count < WRONG_TOKENS_A_WINDOW; count += 1) guess(`b${count}`, 1);
    expect(tokens.waitSeconds("c", "t")).toBeGreaterThan(0);
    expect(tokens.waitSeconds("a1", "t")).toBe(0);
  });
});
