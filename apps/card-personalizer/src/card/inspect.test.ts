import type { SecureSession } from "@tallystick/apdu";
import { createScriptedCard, type ScriptStep } from "@tallystick/apdu/testing";
import { describe, expect, it } from "@jest/globals";
import { inspectCard } from "./inspect.ts";

const KEYS = "80CA00E000";
const FILES = "80F21002024F0000";
const MEMORY = "80CAFF2100";
const aes: ScriptStep = [KEYS, "E006C00401FF88109000"];
const extended: ScriptStep = [KEYS, "E00CC00A01FFFF880010013801009000"];
const loaded: ScriptStep = [FILES, "E30F4F07F054414C4C59009F700101CC009000"];
const enough: ScriptStep = [MEMORY, "FF2109 810101 820400007D00 9000".replaceAll(" ", "")];

async function inspect(...script: ScriptStep[]): Promise<string> {
  const card = createScriptedCard(script);
  const session = { transmit: card.channel, keyVersion: 0xff } as unknown as SecureSession;
  const outcome = await inspectCard(session).then(
    () => "suitable",
    (error: unknown) => (error as { code: string }).code,
  );
  card.assertFinished();
  return outcome;
}

describe("inspectCard", () => {
  it("lets a card pass that has AES keys, the package and memory", async () => {
    expect(await inspect(aes, loaded, enough)).toBe("suitable");
    expect(await inspect(extended, loaded, enough)).toBe("suitable");
  });

  it.each<[string, ScriptStep[]]>([
    ["keys of triple DES", [[KEYS, "E006C00401FF80109000"]]],
    ["another package", [aes, [FILES, "E30F4F07F054414C4C59019F700101CC009000"]]],
    ["an empty registry", [aes, [FILES, "6A88"]]],
    ["too little memory", [aes, loaded, [MEMORY, "FF2107810101820218FF9000"]]],
  ])("refuses a card with %s", async (_name, script) => {
    expect(await inspect(...script)).toBe("CARD_NOT_SUITABLE");
  });

  it("leaves to INSTALL what a card does not say", async () => {
    expect(await inspect([KEYS, "6A88"], [FILES, "6D00"], [MEMORY, "6A88"])).toBe("suitable");
    expect(await inspect([KEYS, "E006C00401208010 9000".replace(" ", "")], loaded, [MEMORY, "01029000"])).toBe(
      "suitable",
    );
  });

  it("reads the registry in the form that an old card knows", async () => {
    const older: ScriptStep[] = [
      [FILES, "6A86"],
      ["80F21000024F0000", "07F054414C4C59000100009000"],
    ];
    expect(await inspect(aes, ...older, enough)).toBe("suitable");
  });
});
