import { describe, expect, it } from "@jest/globals";
import { bytesFromHex, bytesToHex } from "../iso7816/bytes.ts";
import { hexDump } from "./hex-dump.ts";
import { createScriptedCard } from "./scripted-card.ts";
import { formatSession, parseSession, recordSession, replaySession } from "./session-record.ts";

describe("a recorded session", () => {
  it("replays what it recorded, from its text", async () => {
    const gone = new Error("gone");
    const { channel, record } = recordSession(
      createScriptedCard([
        ["80120000", "AA9000"],
        ["80100000", gone],
      ]).channel,
    );
    await channel(bytesFromHex("80120000"));
    await expect(channel(bytesFromHex("80100000"))).rejects.toBe(gone);
    const text = formatSession(record());
    expect(text).toBe("> 80120000\n< AA9000\n> 80100000\n< -\n");
    const replay = replaySession(parseSession(`# a comment\n\n${text}`));
    expect(bytesToHex(await replay.channel(bytesFromHex("80120000")))).toBe("AA9000");
    expect(() => replay.assertFinished()).toThrow(expect.objectContaining({ code: "STEPS_LEFT", position: 1 }));
    await expect(replay.channel(bytesFromHex("80100000"))).rejects.toMatchObject({ code: "NO_RESPONSE" });
    replay.assertFinished();
  });
  it.each(["> 80\n", "< 90\n> 80\n", "> 8\n< -\n", "> 80120000\n> 80120000\n"])("refuses the text %j", (text) => {
    expect(() => parseSession(text)).toThrow(SyntaxError);
  });
});

describe("a scripted card", () => {
  it("throws at anything its script does not expect", async () => {
    const card = createScriptedCard([["80120000", "9000"]]);
    await expect(card.channel(bytesFromHex("80120001"))).rejects.toMatchObject({ code: "OTHER_COMMAND", position: 0 });
    await card.channel(bytesFromHex("80120000"));
    await expect(card.channel(bytesFromHex("80120000"))).rejects.toMatchObject({ code: "SCRIPT_ENDED", position: 1 });
  });
});

it("a dump has sixteen bytes a line", () => {
  expect(hexDump(Uint8Array.from({ length: 18 }, (_value, index) => index))).toBe(
    "0000  00 01 02 03 04 05 06 07 08 09 0A 0B 0C 0D 0E 0F\n0010  10 11",
  );
});
