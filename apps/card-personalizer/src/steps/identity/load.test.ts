import { type ApduError, encodeTlv, type SecureSession } from "@tallystick/apdu";
import { PACKAGE_AID } from "@tallystick/protocol";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { answerOf, channelOf, StepsHarness } from "../../../test/harness/steps-harness.ts";
import { loadPackage, requireRoom } from "./load.ts";

const INSTALL = 0xe6;
const LOAD = 0xe8;
const GET_STATUS = 0xf2;
const GET_DATA = 0xca;
const loadFile = { dataBlock: new Uint8Array(500).fill(7), sha256: "ab".repeat(32) };
const domainAid = Uint8Array.from([0xa0, 0, 0, 1, 0x51, 0, 0, 0]);

let harness: StepsHarness;
beforeEach(() => {
  harness = new StepsHarness();
});
afterEach(() => {
  harness.remove();
});

const registered = answerOf(
  0x9000,
  encodeTlv([
    0xe3,
    [
      [0x4f, PACKAGE_AID],
      [0x9f70, Uint8Array.of(1)],
    ],
  ] as never),
);
const receipt = answerOf(0x9000, Uint8Array.of(0));

async function load(answers: Parameters<typeof channelOf>[0]): Promise<(number | undefined)[]> {
  const { channel, sent } = channelOf(answers);
  const session = { transmit: channel } as unknown as SecureSession;
  await loadPackage({ session, domainAid }, harness.runner(), loadFile);
  return sent.map((one) => one[1]);
}

const codeOf = async (work: Promise<unknown>): Promise<string> =>
  await work.then(
    () => "done",
    (error: unknown) => (error as ApduError).code,
  );

describe("loading the package", () => {
  it("sends it block by block, and finds it in the registry", async () => {
    const answers = { [INSTALL]: receipt, [LOAD]: receipt, [GET_STATUS]: registered };
    expect(await load(answers)).toEqual([INSTALL, LOAD, LOAD, LOAD, GET_STATUS]);
    expect(harness.step("load")).toEqual({ state: "done", data: { sha256: `0x${loadFile.sha256}` } });
  });

  it.each([
    [0x6a84, "CARD_NOT_SUITABLE"],
    [0x6a80, "CARD_NOT_SUITABLE"],
    [0x6985, "CARD_NOT_SUITABLE"],
    [0x6f00, "CARD_NOT_SUITABLE"],
    [0x6982, "STATUS"],
  ])("that a card refuses (%p) is named, at its beginning and in its middle", async (sw, code) => {
    expect(await codeOf(load({ [INSTALL]: answerOf(sw) }))).toBe(code);
    expect(await codeOf(load({ [INSTALL]: receipt, [LOAD]: [receipt, answerOf(sw)] }))).toBe(code);
    expect(harness.step("load")?.state).toBe("begun");
  });

  it("that the registry does not show convicts the card", async () => {
    const answers = { [INSTALL]: receipt, [LOAD]: receipt, [GET_STATUS]: answerOf(0x6a88) };
    expect(await codeOf(load(answers))).toBe("CARD_CONTRADICTS");
  });
});

describe("before a package is loaded", () => {
  const room = async (answer: Uint8Array, file: typeof loadFile | null = loadFile): Promise<string> => {
    const session = { transmit: channelOf({ [GET_DATA]: answer }).channel } as unknown as SecureSession;
    return await codeOf(requireRoom(session, file));
  };
  const free = (bytes: number): Uint8Array =>
    answerOf(0x9000, Uint8Array.of(0xff, 0x21, 4, 0x82, 2, bytes >> 8, bytes & 0xff));

  it("there must be one, and room for it and an instance", async () => {
    expect(await room(answerOf(0x6a88), null)).toBe("CARD_NOT_SUITABLE");
    expect([await room(free(7_667)), await room(free(7_668))]).toEqual(["CARD_NOT_SUITABLE", "done"]);
    expect(await room(answerOf(0x6a88))).toBe("done");
  });
});
