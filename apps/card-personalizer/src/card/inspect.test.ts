import type { SecureSession } from "@tallystick/apdu";
import { createScriptedCard, type ScriptStep } from "@tallystick/apdu/testing";
import { describe, expect, it } from "@jest/globals";
import { describeMemory, lacksPackage } from "./inspect.ts";

const FILES = "80F21002024F0000";
const MEMORY = "80CAFF2100";
const loaded: ScriptStep = [FILES, "E30F4F07F054414C4C59009F700101CC009000"];

async function ask<T>(question: (session: SecureSession) => Promise<T>, ...script: ScriptStep[]): Promise<unknown> {
  const card = createScriptedCard(script);
  const session = { transmit: card.channel, keyVersion: 0xff } as unknown as SecureSession;
  const outcome = await question(session).catch((error: unknown) => (error as { code: string }).code);
  card.assertFinished();
  return outcome;
}

describe("lacksPackage", () => {
  it("is not said of a card that has the package, or that does not show its registry", async () => {
    expect(await ask(lacksPackage, loaded)).toBe(false);
    expect(await ask(lacksPackage, [FILES, "6D00"])).toBe(false);
  });

  it.each(["E30F4F07F054414C4C59019F700101CC009000", "6A88"])("is said of a card without it (%s)", async (files) => {
    expect(await ask(lacksPackage, [FILES, files])).toBe(true);
  });

  it("reads the registry in the form that an old card knows", async () => {
    const older: ScriptStep[] = [
      [FILES, "6A86"],
      ["80F21000024F0000", "07F054414C4C59000100009000"],
    ];
    expect(await ask(lacksPackage, ...older)).toBe(false);
  });
});

describe("describeMemory", () => {
  it.each<[string, string, unknown]>([
    ["too little", "FF2107810101820218FF9000", expect.stringContaining("6399 bytes")],
    ["enough", "FF2109810101820400007D009000", null],
    ["nothing of it", "6A88", null],
    ["something else", "01029000", null],
  ])("says what is missing of a card that tells %s", async (_what, answer, expected) => {
    expect(await ask((session) => describeMemory(session, 7_168), [MEMORY, answer])).toEqual(expected);
  });
});
