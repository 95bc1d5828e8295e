import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, jest } from "@jest/globals";
import {
  createKeySet,
  encodeCommand,
  exchange,
  exchangeOk,
  getDataCommand,
  type KeySet,
  parseKeyInformation,
  putKeyCommand,
  selectDefaultCommand,
  TAG_KEY_INFORMATION,
  verifyPutKeyAnswer,
} from "@tallystick/apdu";
import { recordSession, type SessionRecord } from "@tallystick/apdu/testing";
import { selectInstanceCommand } from "@tallystick/card";
import { factoryKeys } from "@tallystick/card/testing";
import { makeWorkFolder, type WorkFolder } from "@tallystick/stack";
import { draw } from "./harness/issuer.ts";
import { ATTACK_TIMEOUT_MS } from "./harness/limits.ts";
import { instructionOf, ManInTheMiddle, statusWordOf } from "./harness/man-in-the-middle.ts";
import { type StationRun, type IssuingStation, setUpStation } from "./harness/issuing-station.ts";
import { bringCard, openSession, type RealCard } from "./harness/real-card.ts";
import { openSettlementDouble, type SettlementDouble } from "./harness/settlement-double.ts";
import { type HarnessReader, pcscReader } from "./harness/attack-harness.ts";

jest.setTimeout(ATTACK_TIMEOUT_MS);

const INITIALIZE_UPDATE = 0x50;
const EXTERNAL_AUTHENTICATE = 0x82;
const PUT_KEY = 0xd8;
const GENERATE_KEY = 0x46;
const NO_SUCH_APPLICATION = 0x6a82;

let folder: WorkFolder;
let card: RealCard;
let other: RealCard;

beforeAll(async () => {
  folder = makeWorkFolder("attack-personalization");
  card = await bringCard(join(folder.path, "card"));
  other = await bringCard(join(folder.path, "other"));
});

afterAll(async () => {
  await card.remove();
  await other.remove();
  folder.remove();
});

const keysOfOurs = (): KeySet => createKeySet({ version: 1, enc: draw(16), mac: draw(16), dek: draw(16) });

/** Versions of the keys that the card says it holds. */
async function keyVersions(of: RealCard): Promise<number[]> {
  const data = await exchangeOk(of.channel, "GET DATA", getDataCommand(TAG_KEY_INFORMATION));
  return [...new Set(parseKeyInformation(data).map(({ version }) => version))];
}

function recorded(record: SessionRecord, instruction: number): Uint8Array {
  const found = record.find(({ command }) => instructionOf(command) === instruction);
  if (found === undefined) throw new Error("the session was not recorded");
  return found.command;
}

describe("somebody who recorded how a card got its keys", () => {
  it("cannot put them again: not in that session, not in a new one, not as a session of his own, not in clear", async () => {
    const { channel, record } = recordSession(card.channel);
    await exchangeOk(channel, "SELECT", selectDefaultCommand());
    const session = await openSession(channel, factoryKeys());
    const keys = keysOfOurs();
    verifyPutKeyAnswer(await exchangeOk(session.transmit, "PUT KEY", putKeyCommand(session, { keys })), keys);
    const putKey = recorded(record(), PUT_KEY);

    expect(statusWordOf(await card.channel(putKey))).toBe(0x6982);
    // The card has closed the session, so that its owner notices; what it refuses now carries no response MAC.
    const inSession = await exchange(session.transmit, getDataCommand(TAG_KEY_INFORMATION));
    expect(inSession.sw).toBe(0x6982);

    await exchangeOk(card.channel, "SELECT", selectDefaultCommand());
    const next = await openSession(card.channel, keys);
    expect(statusWordOf(await card.channel(putKey))).toBe(0x6982);
    next.close();

    await exchangeOk(card.channel, "SELECT", selectDefaultCommand());
    expect(statusWordOf(await card.channel(recorded(record(), INITIALIZE_UPDATE)))).toBe(0x9000);
    expect(statusWordOf(await card.channel(recorded(record(), EXTERNAL_AUTHENTICATE)))).toBe(0x6300);
    expect(statusWordOf(await card.channel(putKey))).toBe(0x6982);
    const inClear = putKey.slice();
    inClear[0] = 0x80;
    expect(statusWordOf(await card.channel(inClear))).toBe(0x6982);

    expect(await keyVersions(card)).toEqual([keys.version]);
    await exchangeOk(card.channel, "SELECT", selectDefaultCommand());
    const last = await openSession(card.channel, keys);
    expect(last.isOpen).toBe(true);
    last.close();
  });

  it("cannot open a session by playing it again on the very same keys: the card's challenge is another", async () => {
    const { channel, record } = recordSession(other.channel);
    await exchangeOk(channel, "SELECT", selectDefaultCommand());
    const session = await openSession(channel, factoryKeys());
    session.close();
    await exchangeOk(other.channel, "SELECT", selectDefaultCommand());
    const first = record().find(({ command }) => instructionOf(command) === INITIALIZE_UPDATE)?.response;
    const again = await other.channel(recorded(record(), INITIALIZE_UPDATE));
    expect(statusWordOf(again)).toBe(0x9000);
    expect(again).not.toEqual(first);
    expect(statusWordOf(await other.channel(recorded(record(), EXTERNAL_AUTHENTICATE)))).toBe(0x6300);
    expect(await keyVersions(other)).toEqual([0xff]);
    // The right keys give the try back.
    await exchangeOk(other.channel, "SELECT", selectDefaultCommand());
    (await openSession(other.channel, factoryKeys())).close();
  });
});

describe("another card in the middle of a personalization", () => {
  let middle: ManInTheMiddle;
  let reader: HarnessReader;
  let settlement: SettlementDouble;
  let station: IssuingStation;
  let right: RealCard;

  beforeAll(async () => {
    right = await bringCard(join(folder.path, "right"));
    middle = new ManInTheMiddle(right.wire);
    reader = await pcscReader(middle);
    settlement = await openSettlementDouble();
    station = setUpStation({ folder, reader: reader.asConfigured, settlementUrl: settlement.url });
  });

  afterAll(async () => {
    await reader.close();
    await settlement.close();
    await right.remove();
  });

  it("gets nothing of the first one's session, though the reader never saw the change", async () => {
    middle.begin({
      command: (command) => {
        // From GENERATE KEY on another card answers.
        if (instructionOf(command) === GENERATE_KEY) middle.card = other.wire;
        return command;
      },
    });
    const cut: StationRun = await station("swapped");
    expect(cut).toMatchObject({ exitCode: 6, failures: ["CARD_REFUSED"] });
    expect(cut.done.at(-1)).toBe("issuer-key");
    const applet = await other.channel(encodeCommand(selectInstanceCommand()));
    expect(statusWordOf(applet)).toBe(NO_SUCH_APPLICATION);
    expect(await keyVersions(other)).toEqual([0xff]);
  });

  it("is known for another one when the station goes on, and the right one goes on where it was", async () => {
    middle.begin();
    middle.card = other.wire;
    expect(await station("with-the-other")).toMatchObject({ exitCode: 6, failures: ["WRONG_CARD"], done: [] });
    middle.card = right.wire;
    const resumed = await station("with-the-right-one");
    expect(resumed.done.slice(0, 2)).toEqual(["generate-key", "address"]);
    expect(resumed.done).toContain("opening");
  });
});
