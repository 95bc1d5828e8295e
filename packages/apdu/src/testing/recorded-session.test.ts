import { describe, expect, it } from "@jest/globals";
import { bytesFromHex, bytesToHex } from "../iso7816/bytes.ts";
import type { CardChannel } from "../iso7816/card-channel.ts";
import { encodeCommand } from "../iso7816/command-apdu.ts";
import { putKeyCommand } from "../gp/put-key.ts";
import { storeDataGroupCommand } from "../gp/store-data.ts";
import { createKeySet } from "../scp/key-set.ts";
import { openScp03 } from "../scp/open-scp03.ts";
import { createScriptedCard, type ScriptStep } from "./scripted-card.ts";
import { formatSession, parseSession, recordSession, replaySession } from "./session-record.ts";

// Keys and first two exchanges of the AES-128, S8 session in Samsung/OpenSCP-Java (Apache-2.0),
// commit 6696c01.
const ENC = "1D72CD9283FD55162722C6BEAA4DC187";
const MAC = "F4932BA02FFC3098D172790099D28382";
const DEK = "B4BDC610C3F6793708FF1132E2C5BF60";
const OPENING: readonly ScriptStep[] = [
  ["805030000806F85B77251BF79400", "A1A012430585513120853003709CE033FA78E6B10DDC2DBE8974C8B0DE00082A9000"],
  ["8482330010B08D6CE26B6CB3CCB411CF0296EB7B1D", "9000"],
];
const NEW_ENC = "0F1E2D3C4B5A69788796A5B4C3D2E1F0";
const NEW_MAC = "00112233445566778899AABBCCDDEEFF";
const NEW_DEK = "FFEEDDCCBBAA99887766554433221100";
/** What is stored under the keys, such as a PIN. */
const STORED = "31323334353637";

/** Session keys of that session, as its source publishes them. */
const SESSION_KEYS = [
  "45AA38361C2D05306C4203B11A743AD9",
  "30BA0D745A51F10D717A086C11EE1FA0",
  "B72AF42E308A2E2CAAB8983CA7228778",
];

/**
 * Opens the session, puts keys and stores data; the card refuses both, which it may do without a
 * MAC.
 */
async function personalize(channel: CardChannel): Promise<readonly string[]> {
  const keys = createKeySet({ version: 0x30, enc: bytesFromHex(ENC), mac: bytesFromHex(MAC), dek: bytesFromHex(DEK) });
  const session = await openScp03(channel, {
    keys,
    keyVersion: 0x30,
    hostChallenge: bytesFromHex("06F85B77251BF794"),
    securityLevel: 0x33,
  });
  const fresh = createKeySet({
    version: 0x31,
    enc: bytesFromHex(NEW_ENC),
    mac: bytesFromHex(NEW_MAC),
    dek: bytesFromHex(NEW_DEK),
  });
  const answers = [
    await session.transmit(encodeCommand(putKeyCommand(session, { keys: fresh }))),
    await session.transmit(encodeCommand(storeDataGroupCommand(0x7f01, bytesFromHex(STORED)))),
  ];
  session.close();
  return answers.map(bytesToHex);
}

describe("a personalization that is recorded below its secure channel", () => {
  const record = async () => {
    const card = createScriptedCard(OPENING);
    let exchanges = 0;
    const { channel, record: recorded } = recordSession(async (command) =>
      ++exchanges <= OPENING.length ? card.channel(command) : bytesFromHex("6A80"),
    );
    const answers = await personalize(channel);
    return { answers, text: formatSession(recorded()) };
  };

  it("replays from its text, byte by byte", async () => {
    const { answers, text } = await record();
    expect(answers).toEqual(["6A80", "6A80"]);
    const replay = replaySession(parseSession(text));
    expect(await personalize(replay.channel)).toEqual(answers);
    replay.assertFinished();
  });

  it("holds no key and nothing of what was stored", async () => {
    const { text } = await record();
    expect(text.split("\n").filter((line) => line.startsWith("> "))).toHaveLength(4);
    for (const secret of [ENC, MAC, DEK, NEW_ENC, NEW_MAC, NEW_DEK, STORED, ...SESSION_KEYS]) {
      expect(text).not.toContain(secret);
    }
  });

  it("does not replay for another key", async () => {
    const { text } = await record();
    const replay = replaySession(parseSession(text.replace("DC2DBE8974C8B0DE", "DC2DBE8974C8B0DF")));
    await expect(personalize(replay.channel)).rejects.toMatchObject({ code: "WRONG_KEYS" });
    expect(() => replay.assertFinished()).toThrow(expect.objectContaining({ code: "STEPS_LEFT" }));
  });
});
