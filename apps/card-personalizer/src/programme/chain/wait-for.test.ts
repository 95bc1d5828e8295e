import { describe, expect, it } from "@jest/globals";
import { FakeChain, pausedClock } from "../../../test/harness/fake-chain.ts";
import { CHAIN_STALLED_SECONDS, PROGRESS_SECONDS } from "../../limits.ts";
import { waitFor } from "./wait-for.ts";

const never = () => Promise.resolve({ done: false as const, stands: "it has nothing" });

describe("a wait", () => {
  it("ends at its limit with its own code, and tells how it stands meanwhile", async () => {
    const { clock, environment } = pausedClock();
    const told: number[] = [];
    const options = { environment, waitSeconds: 65, late: "NOT_FUNDED" as const };
    const wait = waitFor("Ether", never, { ...options, observe: ({ secondsLeft }) => void told.push(secondsLeft) });
    await expect(wait).rejects.toMatchObject({ code: "NOT_FUNDED" });
    expect(clock.nowMs).toBe(1_000_000 + 65_000);
    expect(told).toEqual([65, 65 - PROGRESS_SECONDS, 65 - 2 * PROGRESS_SECONDS]);
  });

  it("is told anew when something changed", async () => {
    const { environment } = pausedClock();
    const told: string[] = [];
    let asked = 0;
    const ask = async () => {
      asked++;
      return asked === 4 ? { done: true as const } : { done: false as const, stands: asked < 3 ? "a" : "b" };
    };
    const options = { environment, waitSeconds: 65, late: "NOT_FINAL" as const };
    await waitFor("It", ask, { ...options, observe: ({ stands }) => void told.push(stands) });
    expect(told).toEqual(["a", "b"]);
  });

  it("is refused on a chain that stands still, and not on a slow one", async () => {
    const { clock, environment } = pausedClock();
    const chain = new FakeChain();
    const options = { environment, waitSeconds: 3_600, observe: () => undefined, late: "NOT_FINAL" as const };
    await expect(waitFor("It", never, { ...options, chain })).rejects.toMatchObject({ code: "CHAIN_STALLED" });
    const stalledMs = clock.nowMs - 1_000_000;
    expect([stalledMs >= CHAIN_STALLED_SECONDS * 1_000, stalledMs < 2_000 * CHAIN_STALLED_SECONDS]).toEqual([
      ...[true, true],
    ]);
    let asked = 0;
    const slow = async () => {
      // A block just before the chain would count as one that stands still.
      if (++asked % (CHAIN_STALLED_SECONDS - 1) === 0) chain.height += 1n;
      return never();
    };
    await expect(waitFor("It", slow, { ...options, chain })).rejects.toMatchObject({ code: "NOT_FINAL" });
  });
});
