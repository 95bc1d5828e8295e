import { bytesFromHex, type SecureSession } from "@tallystick/apdu";
import { createScriptedCard, type ScriptStep } from "@tallystick/apdu/testing";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { StepsHarness } from "../../../test/harness/steps-harness.ts";
import { secureCard } from "./secured.ts";

let harness: StepsHarness;
beforeEach(() => {
  harness = new StepsHarness();
});
afterEach(() => {
  harness.remove();
});

const state = (lifeCycle: string): ScriptStep => ["80F28002024F0000", `E30E4F08A0000001510000009F7001${lifeCycle}9000`];
const move = (lifeCycle: string, answer = "9000"): ScriptStep => [`80F080${lifeCycle}08A000000151000000`, answer];

async function secure(...script: ScriptStep[]): Promise<string> {
  const card = createScriptedCard(script);
  const session = { transmit: card.channel } as unknown as SecureSession;
  const domainAid = bytesFromHex("A000000151000000");
  const outcome = await secureCard({ session, domainAid }, harness.runner()).then(
    () => "secured",
    (error: unknown) => (error as { code: string }).code,
  );
  card.assertFinished();
  return outcome;
}

describe("secureCard", () => {
  it.each<[string, ScriptStep[]]>([
    ["OP_READY", [move("07"), move("0F"), state("0F")]],
    ["INITIALIZED", [move("07", "6985"), move("0F"), state("0F")]],
    ["SECURED", [move("07", "6985"), move("0F", "6985"), state("0F")]],
  ])("moves a card from %s on, state by state", async (_name, script) => {
    expect(await secure(...script)).toBe("secured");
    expect(harness.step("secured")?.state).toBe("done");
  });

  it("is not done where the card refuses, or stays where it was", async () => {
    expect(await secure(move("07"), move("0F", "6985"), state("07"))).toBe("STATUS");
    expect(await secure(move("07", "6A80"), move("0F"), state("07"))).toBe("CARD_CONTRADICTS");
    expect(harness.step("secured")?.state).toBe("begun");
  });
});
