import { describe, expect, it } from "@jest/globals";
import { bytesFromHex, bytesToHex } from "../iso7816/bytes.ts";
import { encodeCommand } from "../iso7816/command-apdu.ts";
import { getStatusCommand } from "../gp/get-status.ts";
import { createScriptedCard, type ScriptStep } from "../testing/scripted-card.ts";
import { createKeySet } from "./key-set.ts";
import { openScp03 } from "./open-scp03.ts";

// Keys, challenges and exchanges of the session tests in Samsung/OpenSCP-Java (Apache-2.0), commit
// 6696c01.
const ENC = "1D72CD9283FD55162722C6BEAA4DC1877F4C0CD0ECC15E052AAC39A99AF9AD72";
const MAC = "F4932BA02FFC3098D172790099D2838236F2E61068D56F4401CC0374C25AF8CB";
const DEK = "B4BDC610C3F6793708FF1132E2C5BF60523AEAC06B32F204B851B6CC007C8D3C";
const CHALLENGE_S8 = "06F85B77251BF794";
const CHALLENGE_S16 = CHALLENGE_S8 + CHALLENGE_S8;

const PACKAGES =
  "08A00000015141434C010010A0000002202003010101000000000006010010A0000002202003010101000000000011010005A0000002480100";
const APPLETS =
  "0AA9A8A7A6A5A4A3A2A1A00F800AA0A1A2A3A4A5A6A7A8A9070009A00000015141434C00070010A0000002202003010301000000000011070007A00000024804000700";
const DOMAIN = "08A0000001510000000F9E";

const keysOf = (bytes: number) =>
  createKeySet({
    version: 0x30,
    enc: bytesFromHex(ENC).slice(0, bytes),
    mac: bytesFromHex(MAC).slice(0, bytes),
    dek: bytesFromHex(DEK).slice(0, bytes),
  });

interface Session {
  readonly name: string;
  readonly keyBytes: number;
  readonly challenge: string;
  readonly script: readonly ScriptStep[];
}

const SESSIONS: readonly Session[] = [
  {
    name: "AES-128, S8",
    keyBytes: 16,
    challenge: CHALLENGE_S8,
    script: [
      ["805030000806F85B77251BF79400", "A1A012430585513120853003709CE033FA78E6B10DDC2DBE8974C8B0DE00082A9000"],
      ["8482330010B08D6CE26B6CB3CCB411CF0296EB7B1D", "9000"],
      [
        "84F22000185230BA64388B4A40E0B4DA5CC1DF51C285E4020D99D5AED1",
        "BD3292BFB1A23C4478E37292BA1EDF438770CE472FB7611FBDBD1C981A27FA4780A81A95D93C05F9C4C94839DED0363CFEA57CE2ECFB572B26F3474DAEEBBABC202942381F9755F59000",
      ],
      [
        "84F24000181819D47B42BBE6B9449BBC2BD43A090DAC1F2F0A52D9F34B",
        "BB82442BB5CC8C839620615D1F163D3DDBC9357D68EF4BAD997CFBB79A24C224A89488C44B25C3B23D489E4E58A309D438FDD6E453D0E07216541FB142B977A3A7D4C4048BBE2BA068F04A0A4A9C50BAD232F8CA8EA1F40E9000",
      ],
      [
        "84F280001809F07C3DF47956B1052951FA28211BA7BABC05C321D9B3BF",
        "31EB08363026463BAD10AF29F24301F1D9B8532067F9313D97FDA39BBE6B6099BEFD623E1F79FB5D9000",
      ],
    ],
  },
  {
    name: "AES-192, S8",
    keyBytes: 24,
    challenge: CHALLENGE_S8,
    script: [
      ["805030000806F85B77251BF79400", "A1A012430585513120853003709CE033FA78E6B10D6E7C64F962A822A400082A9000"],
      ["848233001063B6CEFAC0EC098333860788C65220BA", "9000"],
      [
        "84F2200018D9EDCBCB7F69CB1EF0508E6EDE933A6D80091E7D99CB3E51",
        "99077B167D43A4F313B59B63CC23EFD3B5158BDEF8F24D85E250570A4AAB81869A92307350267F0FBC2278FA3D34D2FD5D2B4E8C0362C01D082C76A17B80AEA4BA5FB9D7DA3BB3689000",
      ],
      [
        "84F2400018CDC4B0480CF151C1132655133115A8CA1A89964F2554551C",
        "AB7A97B6C673DF3D95378D06B7B42E25D7C3B22D6D1A42299FFED17F5973950EC68C77700FC01947067470178A1D06152ED648E95E8C3510B61CF0036DFD8C9F6FA167D32FDEB3F81A0E6B2BB35BCD4CD104692D131D77769000",
      ],
      [
        "84F280001896800333FA638A32DBCCBF4C7E52FBD5DA469A954E1D58F6",
        "E5E5761FEFF5C0C078ADBC4E77B7290094C99183AC73CAB99A7412D0194DEFFDD0895DCCE662D9459000",
      ],
    ],
  },
  {
    name: "AES-128, S16",
    keyBytes: 16,
    challenge: CHALLENGE_S16,
    script: [
      [
        "805030001006F85B77251BF79406F85B77251BF79400",
        "A1A012430585513120853003710617A2C34D50B562F7DECFC3DBF58A649EF733B7486D813C92E4CA61E5102F9100082A9000",
      ],
      ["84823300201C6A43582F842A90D81CA4E970754664D8C0C6C340E007C5C6EBCDF4F7C065BE", "9000"],
      [
        "84F2200020EB30913C363A6C1309D13ADC765D9DF1C44F207C2941B898A290F627B05AE990",
        "05717C3DED78C6BB7AEE55A68E66E0D7C90473C380A60755DD7B63ECF55FD0B4067612B43A0A05CDA95E9122C91D8527A21681805C1A25AAA38994E15A6379DF66EE234701C673C32DAF5C54B11085C49000",
      ],
      [
        "84F2400020F1EC5CF268D357692CD0FAF186A1E6C79F68B473C4672C0A08F0437B16314698",
        "D7B658F9308D59779672CE4E5D1B8E6BD2A5A90F745788DAA817980BF84C2522B791382D5A095868C096AC6A851A98A028CBBA7AC67D5F834F7969FE199B0DBBA12EF90E27CCF95C062D27BADAFC3B03CFB6964CCBE3FC04B54EFCD3B446B4469000",
      ],
      [
        "84F2800020A9DDD67660ECC75765C431CD69AD53A79202F01E13B24C15F4CFF4C9B335EEE5",
        "5A866565D1D0F35427E010043F82E8ABCA25C79A3CAA41547838978F779563FFDEA329E3ABD1CBA719A6D9C13B7D45CC9000",
      ],
    ],
  },
  {
    name: "AES-256, S16",
    keyBytes: 32,
    challenge: CHALLENGE_S16,
    script: [
      [
        "805030001006F85B77251BF79406F85B77251BF79400",
        "A1A012430585513120853003710617A2C34D50B562F7DECFC3DBF58A6499D2966CF09C9201FDE8343E93FB18B400082A9000",
      ],
      ["848233002071D1A091C5D24AF177B00E69B1A32B4E30A5168CF8C86B19730DF915EF82D8A7", "9000"],
      [
        "84F2200020DD3036DC4C636717702732ABBA185633873A933310002B25E386CF10A4E6B130",
        "A5E7309DCA3EFFA13D1AA03FE0D3E2BA8D04DF15A6A26989150F512ED453F5DFFB2A7E4EE4E2FFACEFC0945435BCAF3A914A9F7BD66B4F82635B7757AE82B54262489B3B58224F99E846E2A8061B17329000",
      ],
      [
        "84F2400020EC2F4F2DDA358BF87C9A946D129D7C12F132C6A63CDAD60E80526C9A6487580C",
        "160229863B7636672F094A2C2E62F845D3A4A38C0FB9171AF14FEE433CF4C2FA10A6E4F1EC14E8792FE0A009720C290A64C2FD9183167BFFF0AC4AF516838DE4E5A62B6AC4444AC81E5C73A6B7A57D6C55D2682B2F986C1F1FCD77DDAF69846C9000",
      ],
      [
        "84F28000207C873E7BDCE82D67EC28783A3C3222C01E70D8C7A498CA3C7E348944F44A18B3",
        "90AFB999D6499F47285B6319135F67F78D4CE73A3BD87F97DE623488BA9DBC7549F27DFF5B61E215A5C91F99D21682119000",
      ],
    ],
  },
  {
    name: "AES-192, S16",
    keyBytes: 24,
    challenge: CHALLENGE_S16,
    script: [
      [
        "805030001006F85B77251BF79406F85B77251BF79400",
        "A1A012430585513120853003710617A2C34D50B562F7DECFC3DBF58A64A378671D41E7F6E3F5254CA9D4C481A400082A9000",
      ],
      ["848233002099033B5BB5246C859B9748E497EDAE8D9EBB7BD196CE4E3EBFC92343D69478AB", "9000"],
      [
        "84F220002032319E399171DAF20FD8E8ECD1CE462569B7D5645AAD98E537593EF48816DB4B",
        "B6AB2FDB15B2D1A895B8329736C5AF47D4B6B6AECBB73E327A91D300D4BF0F36AD710F7FF5505481F690EFE3561E1C5335EF510B018D56D21D5F1CA9557AC9E225D04413BAA39828273DBC4B00B0BF309000",
      ],
      [
        "84F2400020161D4B6C1E2D790D66EA1E890ADC3F45D59E2416D6DC553E8738C2ADA182E583",
        "3C24F511B4923F55DE51925292BEED9456359F54F01B3D0C6C30C5666030788FE6BD1345C802AE66E8CB06C93E64CFE74590D83E85E8B1E06A7A750A48E8554B1DB948BFD041432E824BCDD24AACD87F65A98615076CAD3418BD67BFC1B4FC4C9000",
      ],
      [
        "84F28000208BCC8139988A0F51441F6F8FF3C20A526CD783E30BEC1D8CC9D7E3D43AE779A5",
        "B2332173A07F9EBE27EDEA0DB5849B6CACC0F28A77DA52AB9A1E151399ABD07115DDB34C92C8DA0FFE679FD8D7DF0F369000",
      ],
    ],
  },
  {
    name: "AES-256, S8",
    keyBytes: 32,
    challenge: CHALLENGE_S8,
    script: [
      ["805030000806F85B77251BF79400", "A1A012430585513120853003709CE033FA78E6B10D8AFA7267CB63740E00082A9000"],
      ["848233001050E003735F92228269A094FFC07429FD", "9000"],
      [
        "84F2200018BD57D1382AE8F66F7EB5F5991B92D1399044157C7DFD2761",
        "47D81041004B7E9208E3BEF1372E7CDE8CD995AEF207F138C80D45156F2D36F2B15BDC9C4D6FDB9774344495CCC83AE7BA0B39C734BF9CEBD07204AA5A67DF2D7E663D55FC4944C09000",
      ],
      [
        "84F240001845D2B475C3EFF8BBB254D0B6A8E6CA97CF5265D907A76070",
        "59E8DCFDC22D436336552128F790E1B383D6942ED4025F30FE8D95541E634E238BFD963D88DF822D8EBCC1272A9D56C7D1CBC306039647FC4977EFF562C0B8C01314B1C8B2D168A581A98C65B676B3EE4032E91A9C0858EC9000",
      ],
      [
        "84F28000187083CA3ADA0F76CF7B3FFAC60ABE13599D521EE7B9224C49",
        "E58CB33A46F76909ADDDFF0C2821F4F25F22B5553C534DC69000",
      ],
    ],
  },
];

const listPlain = (p1: number) => encodeCommand({ cla: 0x80, ins: 0xf2, p1, p2: 0, data: bytesFromHex("4F00") });

describe("an SCP03 session of level 33", () => {
  it.each(SESSIONS)("speaks the published bytes of $name", async ({ keyBytes, challenge, script }) => {
    const card = createScriptedCard(script);
    const session = await openScp03(card.channel, {
      keys: keysOf(keyBytes),
      keyVersion: 0x30,
      hostChallenge: bytesFromHex(challenge),
      securityLevel: 0x33,
    });
    expect(session.keyVersion).toBe(0x30);
    expect(bytesToHex(session.diversificationData)).toBe("A1A01243058551312085");
    expect(bytesToHex(await session.transmit(listPlain(0x20)))).toBe(`${PACKAGES}9000`);
    expect(bytesToHex(await session.transmit(listPlain(0x40)))).toBe(`${APPLETS}9000`);
    expect(bytesToHex(await session.transmit(listPlain(0x80)))).toBe(`${DOMAIN}9000`);
    card.assertFinished();
    expect(session.isOpen).toBe(true);
  });
});

const [INITIALIZE, AUTHENTICATE, LIST] = SESSIONS[0]?.script as readonly [ScriptStep, ScriptStep, ScriptStep];

async function open(script: readonly ScriptStep[], keyBytes = 16) {
  const card = createScriptedCard(script);
  const session = await openScp03(card.channel, {
    keys: keysOf(keyBytes),
    keyVersion: 0x30,
    hostChallenge: bytesFromHex(CHALLENGE_S8),
    securityLevel: 0x33,
  });
  return { card, session };
}

describe("opening a session that cannot be opened", () => {
  it("sends nothing after a cryptogram that our keys do not explain", async () => {
    const card = createScriptedCard([INITIALIZE]);
    const keys = createKeySet({
      version: 0xff,
      enc: bytesFromHex("404142434445464748494A4B4C4D4E4F"),
      mac: bytesFromHex("404142434445464748494A4B4C4D4E4F"),
      dek: bytesFromHex("404142434445464748494A4B4C4D4E4F"),
    });
    const opening = openScp03(card.channel, {
      keys,
      keyVersion: 0x30,
      hostChallenge: bytesFromHex(CHALLENGE_S8),
      securityLevel: 0x33,
    });
    await expect(opening).rejects.toMatchObject({ code: "WRONG_KEYS", context: { triesLeft: null } });
    card.assertFinished();
  });

  it("reports the tries that the card says are left", async () => {
    await expect(open([INITIALIZE, [AUTHENTICATE[0], "63C7"]])).rejects.toMatchObject({
      code: "WRONG_KEYS",
      context: { triesLeft: 7 },
    });
  });

  it.each([
    ["an unknown key version", [[INITIALIZE[0], "6A88"]] as const, { code: "STATUS", context: { sw: 0x6a88 } }],
    ["an answer that is too short", [[INITIALIZE[0], "A1A09000"]] as const, { code: "WRONG_LENGTH" }],
    [
      "an answer with a surplus byte",
      [
        [INITIALIZE[0], INITIALIZE[1] as string].map((s, i) =>
          i === 0 ? s : `${s.slice(0, -4)}009000`,
        ) as unknown as ScriptStep,
      ] as const,
      { code: "WRONG_LENGTH" },
    ],
    ["SCP02", [[INITIALIZE[0], `${"00".repeat(10)}FF02${"00".repeat(16)}9000`]] as const, { code: "UNSUPPORTED" }],
    [
      "an unknown protocol",
      [[INITIALIZE[0], `${"00".repeat(10)}FF04${"00".repeat(16)}9000`]] as const,
      { code: "UNSUPPORTED" },
    ],
    [
      "a card without response MAC",
      [[INITIALIZE[0], (INITIALIZE[1] as string).replace("300370", "300310")]] as const,
      { code: "UNSUPPORTED" },
    ],
    ["a card in S16 mode", [[INITIALIZE[0], SESSIONS[2]?.script[0]?.[1] as string]] as const, { code: "UNSUPPORTED" }],
    [
      "a refused EXTERNAL AUTHENTICATE",
      [INITIALIZE, [AUTHENTICATE[0], "6982"]] as const,
      { code: "STATUS", context: { sw: 0x6982 } },
    ],
    ["a torn EXTERNAL AUTHENTICATE", [INITIALIZE, [AUTHENTICATE[0], ""]] as const, { code: "TORN" }],
  ])("refuses %s", async (_name, script, error) => {
    await expect(open(script as unknown as readonly ScriptStep[])).rejects.toMatchObject(error);
  });

  it.each([0x00, 0x02, 0x10, 0x12, 0x23, 0x31, 0x73])(
    "refuses level %i, which the specification does not list",
    async (level) => {
      const opening = openScp03(createScriptedCard([]).channel, {
        keys: keysOf(16),
        hostChallenge: bytesFromHex(CHALLENGE_S8),
        securityLevel: level,
      });
      await expect(opening).rejects.toMatchObject({ code: "UNSUPPORTED" });
    },
  );
});

describe("an open session", () => {
  const [LIST_COMMAND, LIST_RESPONSE] = LIST as readonly [string, string];
  it.each([
    ["no MAC at all", "9000", "RESPONSE_MAC"],
    ["a changed MAC", LIST_RESPONSE.replace("55F59000", "55F49000"), "RESPONSE_MAC"],
    ["changed data", `BC${LIST_RESPONSE.slice(2)}`, "RESPONSE_MAC"],
    ["a changed status word", LIST_RESPONSE.replace(/9000$/, "6310"), "RESPONSE_MAC"],
    ["a refusal with data", "006A80", "RESPONSE_MAC"],
    ["no answer", Object.assign(new Error("the reader has gone"), { code: "GONE" }), "GONE"],
    ["a torn answer", "90", "TORN"],
  ])("closes permanently after %s", async (_name, response, code) => {
    const { session } = await open([INITIALIZE, AUTHENTICATE, [LIST_COMMAND, response]]);
    const failure = session.transmit(listPlain(0x20));
    await expect(failure).rejects.toMatchObject({ code });
    expect(session.isOpen).toBe(false);
    await expect(session.transmit(listPlain(0x40))).rejects.toMatchObject({ code: "CHANNEL_CLOSED" });
    expect(() => session.encryptSensitive(new Uint8Array(16))).toThrow(
      expect.objectContaining({ code: "CHANNEL_CLOSED" }),
    );
  });

  it("passes a bare refusal on, stays open, and goes on counting", async () => {
    // The second command repeats the published one as the third of the session would be: other
    // bytes prove the count.
    const { session } = await open([
      INITIALIZE,
      AUTHENTICATE,
      [LIST_COMMAND, "6A88"],
      [SESSIONS[0]?.script[3]?.[0] as string, "6A88"],
    ]);
    expect(bytesToHex(await session.transmit(listPlain(0x20)))).toBe("6A88");
    expect(bytesToHex(await session.transmit(listPlain(0x40)))).toBe("6A88");
    expect(session.isOpen).toBe(true);
  });

  it("secures commands that are given at once in their order", async () => {
    const { session, card } = await open(SESSIONS[0]?.script.slice(0, 4) ?? []);
    const answers = await Promise.all([session.transmit(listPlain(0x20)), session.transmit(listPlain(0x40))]);
    expect(answers.map(bytesToHex)).toEqual([`${PACKAGES}9000`, `${APPLETS}9000`]);
    card.assertFinished();
  });

  it("refuses what cannot be secured and says so", async () => {
    const { session } = await open([INITIALIZE, AUTHENTICATE]);
    await expect(session.transmit(bytesFromHex("81F20000"))).rejects.toMatchObject({ code: "UNSUPPORTED" });
  });

  it("enciphers sensitive data under the static DEK, and not after it was closed", async () => {
    const { session } = await open([INITIALIZE, AUTHENTICATE]);
    expect(session.encryptSensitive(new Uint8Array(16))).toHaveLength(16);
    session.close();
    session.close();
    expect(() => session.encryptSensitive(new Uint8Array(16))).toThrow(
      expect.objectContaining({ code: "CHANNEL_CLOSED" }),
    );
  });

  it("finds its keys by the diversification data that the card names", async () => {
    const card = createScriptedCard([INITIALIZE, AUTHENTICATE]);
    const asked: string[] = [];
    await openScp03(card.channel, {
      keys: async (answer) => {
        asked.push(bytesToHex(answer.diversificationData));
        return keysOf(16);
      },
      keyVersion: 0x30,
      hostChallenge: bytesFromHex(CHALLENGE_S8),
      securityLevel: 0x33,
    });
    expect(asked).toEqual(["A1A01243058551312085"]);
  });

  it("keeps Le behind the MAC", async () => {
    const sent: string[] = [];
    const { channel } = createScriptedCard([INITIALIZE, AUTHENTICATE]);
    const session = await openScp03(
      async (command) => {
        sent.push(bytesToHex(command));
        return sent.length <= 2 ? channel(command) : bytesFromHex("6A88");
      },
      { keys: keysOf(16), keyVersion: 0x30, hostChallenge: bytesFromHex(CHALLENGE_S8), securityLevel: 0x33 },
    );
    await session.transmit(encodeCommand(getStatusCommand("applications")));
    await session.transmit(bytesFromHex("80CA00E000"));
    expect(sent[2]).toMatch(/^84F2400218[0-9A-F]{48}00$/);
    expect(sent[3]).toMatch(/^84CA00E008[0-9A-F]{16}00$/);
  });
});
