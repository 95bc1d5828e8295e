import { describe, expect, it } from "@jest/globals";
import { bytesFromHex } from "../iso7816/bytes.ts";
import { createScriptedCard } from "../testing/scripted-card.ts";
import { createKeySet } from "./key-set.ts";
import { openScp02 } from "./open-scp02.ts";
import { openScp03 } from "./open-scp03.ts";

// What cards of silicon answered, from public logs of GlobalPlatformPro. Their keys are the public default ones.
const key = bytesFromHex("404142434445464748494A4B4C4D4E4F");
const keys = createKeySet({ version: 0xff, enc: key, mac: key, dek: key });

describe("a card of silicon", () => {
  // GlobalPlatformPro, issue 98: SCP03 with i = 10. Its log names challenges and cryptograms; name and counter are ours.
  const initializeUpdate = `${"00".repeat(10)}FF0310 86C8BD65FA1044EE CF4A8EE6E34A4321 0000019000`;
  const hostChallenge = bytesFromHex("C81ED3B6B3DEF556");

  it("of SCP03 with a pseudo-random challenge is answered with the cryptogram that it took", async () => {
    let sent = "";
    const channel = async (command: Uint8Array): Promise<Uint8Array> => {
      if (command[1] === 0x50) return bytesFromHex(initializeUpdate);
      sent = Buffer.from(command.slice(0, 13)).toString("hex").toUpperCase();
      return bytesFromHex("9000");
    };
    await openScp03(channel, { keys, hostChallenge, securityLevel: 0x01 });
    expect(sent).toBe("8482010010DC79BEA879C62D44");
  });

  it("of SCP03 without response MAC is not opened at a level that needs one", async () => {
    const card = createScriptedCard([["8050000008C81ED3B6B3DEF55600", initializeUpdate]]);
    await expect(openScp03(card.channel, { keys, hostChallenge, securityLevel: 0x13 })).rejects.toMatchObject({
      code: "UNSUPPORTED",
    });
    card.assertFinished();
  });

  // GlobalPlatformPro, issue 218: SCP02 with response MAC, level 13.
  const old = [
    ["80500000084261A2F44EEC57EB00", "0000728314662294396620020046A58399EA65DDB9E2781A25689C719000"],
    ["8482130010FAE81DD218F60A30A0F03ED2002B63B2", "9000"],
  ] as const;

  it("of SCP02 takes these bytes at level 13", async () => {
    const card = createScriptedCard([...old]);
    const session = await openScp02(card.channel, {
      ...{ oldStock: true, keys, securityLevel: 0x13, hostChallenge: bytesFromHex("4261A2F44EEC57EB") },
    });
    expect([session.keyVersion, session.protocol]).toEqual([0x20, "SCP02"]);
    card.assertFinished();
  });

  it("of SCP02 is named by whoever wants SCP03, and no key is used on it", async () => {
    const card = createScriptedCard([old[0]]);
    const never = () => Promise.reject(new Error("a key was asked for"));
    const options = { keys: never, securityLevel: 0x13, hostChallenge: bytesFromHex("4261A2F44EEC57EB") };
    await expect(openScp03(card.channel, options)).rejects.toMatchObject({
      ...{ code: "UNSUPPORTED", context: { protocol: "SCP02", keyVersion: 0x20 } },
    });
    card.assertFinished();
  });
});
