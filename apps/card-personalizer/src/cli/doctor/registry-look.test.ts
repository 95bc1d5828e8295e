import type { SecureSession } from "@tallystick/apdu";
import { createScriptedCard, type ScriptStep } from "@tallystick/apdu/testing";
import { describe, expect, it } from "@jest/globals";
import { registryLook, type RegistryExpectations } from "./registry-look.ts";

const DOMAIN = "80F28002024F0000";
const FILES = "80F21002024F0000";
const APPLICATIONS = "80F24002024F0000";
const MEMORY = "80CAFF2100";
const domain = (state: string): ScriptStep => [DOMAIN, `E3134F08A0000001510000009F7001${state}C5038080009000`];
const holds: ScriptStep = [FILES, "E30F4F07F054414C4C59009F700101CC009000"];
const holdsAnother: ScriptStep = [FILES, "E30F4F07F054414C4C59019F700101CC009000"];
const instance = "E3134F08F054414C4C5900019F700107C503000000";
const another = "E3134F08F054414C4C5900029F700107C503000000";
const has = (...entries: string[]): ScriptStep => [APPLICATIONS, `${entries.join("")}9000`];
const none: ScriptStep = [APPLICATIONS, "6A88"];
const free = (bytes: number): ScriptStep => [MEMORY, `FF21098101018204${bytes.toString(16).padStart(8, "0")}9000`];

async function look(steps: readonly ScriptStep[], expected: Partial<RegistryExpectations> = {}): Promise<string> {
  const card = createScriptedCard([...steps]);
  const session = { transmit: card.channel, keyVersion: 0x30 } as unknown as SecureSession;
  const outcome = await registryLook(session, { instance: 1, packageBytes: null, ...expected }).catch(
    (error: unknown) => (error as { code: string }).code,
  );
  card.assertFinished();
  return outcome;
}

describe("what is installed on a card", () => {
  it("is told with the card's state, and what else is on it", async () => {
    const text = await look([domain("0F"), holds, has(instance, another)]);
    for (const part of ["SECURED", "holds the package", "has instance 1", "1 other"]) expect(text).toContain(part);
    const odd = await look([domain("05"), holds, has(instance)]);
    expect([odd.includes("0x05"), odd.includes("other")]).toEqual([true, false]);
    expect(await look([[DOMAIN, "6D00"], holds, has(another), free(9_000)])).toContain("no instance 1");
  });

  it("is refused where the package is missing, unless the stock has one to load and there is room", async () => {
    expect(await look([domain("01"), holdsAnother, none])).toBe("CARD_NOT_SUITABLE");
    const loads = { packageBytes: 11_595 };
    expect(await look([domain("01"), holdsAnother, none, free(18_763)], loads)).toContain("will be given");
    expect(await look([domain("01"), holdsAnother, none, free(18_762)], loads)).toBe("CARD_NOT_SUITABLE");
    expect(await look([domain("01"), holds, none, free(7_168)])).toContain("OP_READY");
    expect(await look([domain("01"), holds, none, free(7_167)])).toBe("CARD_NOT_SUITABLE");
  });

  it("is not guessed at where the card does not show it", async () => {
    expect(await look([domain("01"), [FILES, "6D00"], has(instance)])).toContain("does not show");
  });
});
