import { describe, expect, it } from "@jest/globals";
import { bytesFromHex, type CardChannel, concatBytes, encodeCommand, formatStatusWord } from "@tallystick/apdu";
import { encodePayRequest } from "@tallystick/protocol";
import { openLog, pay, select, selectInstanceCommand, selectShortCommand } from "@tallystick/card";
import { openSoftwareCard, type SoftwareCard } from "../src/index.ts";
import {
  type ChannelName,
  channelsOf,
  STATE_BYTES,
  type StateName,
  statusWordsOf,
  TABLE,
  type TableCommand,
} from "../src/testing/differential/coverage.ts";
import { logTerminal, MemoryStore, personalized, predictable, request } from "../src/testing/issued-card.ts";

// The table of spec §4.2, asked of the software card cell by cell; StateTableTest asks it of the
// applet.

/** Data of the right length, so that only right and state decide. */
const LENGTHS: Readonly<Record<string, number>> = {
  PAY: 67,
  "PAY short": 67,
  PROVE: 16,
  "UPDATE ALLOWANCE": 126,
  "GET LOG": 20,
  "PRESENT CERTIFICATE": 227,
  "PIN SESSION": 16,
  "BEACON put": 145,
  "VERIFY PIN": 121,
  "CHANGE PIN": 89,
  UNBLOCK: 89,
  "STORE DATA": 31,
};
/** A domain object that only a card without one takes. */
const DOMAIN_OBJECT = concatBytes(bytesFromHex("7F021C"), new Uint8Array(28).fill(0x44));
/**
 * What an allowed command may never answer: nothing about right, state, class or instruction stands
 * in its way.
 */
const FORBIDDEN = ["9E01", "6982", "6D00", "6E00"];
const DONE = "9000";

async function cardIn(state: StateName): Promise<SoftwareCard> {
  const store = new MemoryStore();
  if (state === "INSTALLED") {
    const card = await openSoftwareCard({ store, random: predictable() });
    await select(card.transmit);
    return card;
  }
  const { card, cardKey } = await personalized(store);
  const paid = await pay(card.transmit, encodePayRequest(request(cardKey, 1, 5n)));
  if (!paid.ok) throw new Error(paid.message);
  const change = concatBytes(bytesFromHex("80E28800047F0101"), Uint8Array.of(STATE_BYTES[state]));
  expect(await send(card.personalize, change)).toBe(DONE);
  return card;
}

async function send(channel: CardChannel, command: Uint8Array): Promise<string> {
  const answer = await channel(command);
  return formatStatusWord((answer.at(-2) ?? 0) * 256 + (answer.at(-1) ?? 0));
}

/** The right to a payee's entries is in what is sent before (spec §4.13). */
async function readLog(card: SoftwareCard): Promise<string> {
  const selected = await select(card.transmit);
  if (!selected.ok || selected.value.kind !== "personalized") throw new Error("the card has no allowance");
  const opened = await openLog(card.transmit, await logTerminal(selected.value.answer.cardKey), 0);
  return opened.ok ? DONE : formatStatusWord(opened.sw);
}

async function ask(
  card: SoftwareCard,
  { command, state, channel }: { command: TableCommand; state: StateName; channel: ChannelName },
): Promise<string> {
  if (command.name === "SELECT") return await send(card.transmit, encodeCommand(selectInstanceCommand()));
  if (command.name === "SELECT short") return await send(card.transmit, encodeCommand(selectShortCommand()));
  if (command.name === "GET LOG" && command.states[state][channel] === "allowed" && channel === "outside")
    return await readLog(card);
  const data = command.name === "STORE DATA" ? DOMAIN_OBJECT : new Uint8Array(LENGTHS[command.name] ?? 0);
  const parameters = { age: "00", tag: "DF", "": "01" };
  const byte = (text: string) => parameters[text as keyof typeof parameters] ?? text;
  const header = (cla: string) => bytesFromHex(`${cla}${command.instruction}${byte(command.p1)}${byte(command.p2)}`);
  // A command that has class 84 alone is sent under it without a session, eight bytes standing for
  // a MAC.
  if (channel === "outside" && !command.classes.includes("80"))
    return await send(card.transmit, concatBytes(header("84"), Uint8Array.of(8), new Uint8Array(8)));
  const body = data.length === 0 ? data : concatBytes(Uint8Array.of(data.length), data);
  return await send(channel === "inside" ? card.personalize : card.transmit, concatBytes(header("80"), body));
}

const cells = TABLE.flatMap((command) =>
  (Object.keys(STATE_BYTES) as StateName[]).flatMap((state) =>
    channelsOf(command).map((channel) => ({
      name: command.name,
      state,
      channel,
      cell: command.states[state][channel],
      command,
    })),
  ),
);

describe("the table of commands and states", () => {
  it("has every command that this package names", () => {
    expect(TABLE).toHaveLength(19);
    expect(cells).toHaveLength((19 + 6) * 4);
  });

  it.each(cells)("$name, $state, $channel: $cell", async ({ state, channel, cell, command }) => {
    const answered = await ask(await cardIn(state), { command, state, channel });
    if (cell === "allowed") expect(FORBIDDEN).not.toContain(answered);
    else if (cell !== "replay") expect(answered).toBe(cell);
  });

  it.each(["SUSPENDED", "TERMINATED"] as const)("PAY, %s: the replay and nothing else", async (state) => {
    const store = new MemoryStore();
    const { card, cardKey } = await personalized(store);
    const asked = encodePayRequest(request(cardKey, 1, 5n));
    const first = await pay(card.transmit, asked);
    const change = concatBytes(bytesFromHex("80E28800047F0101"), Uint8Array.of(STATE_BYTES[state]));
    expect(await send(card.personalize, change)).toBe(DONE);
    expect(await pay(card.transmit, asked)).toEqual(first);
    const next = await pay(card.transmit, encodePayRequest(request(cardKey, 2, 5n)));
    expect(next).toMatchObject({ ok: false, sw: 0x9e01 });
  });

  it("promises what its cells say", () => {
    expect(statusWordsOf("allowed")).toEqual([DONE]);
    expect(statusWordsOf("replay")).toEqual([DONE, "9E01"]);
    expect(statusWordsOf("6982")).toEqual(["6982"]);
  });
});
