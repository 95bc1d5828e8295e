import {
  bytesFromHex,
  type CardChannel,
  createKeySet,
  encodeCommand,
  getStatusCommand,
  openScp03,
  type SecureSession,
} from "@tallystick/apdu";
import { createReplay, recordInto, type RecordedExchange } from "./recorded-exchanges.ts";
import { createRow, type Row } from "./row.ts";

const LEVELS = [
  { name: "C-MAC C-DEC R-MAC", securityLevel: 0x13 },
  { name: "all four", securityLevel: 0x33 },
];
const RECORDED_COMMANDS = 500;
const REPLAYS = 20;

/** The key that a new card has; its challenge is the card's own, so that every run records a session of its own. */
const FACTORY_KEY = bytesFromHex("404142434445464748494A4B4C4D4E4F");
const HOST_CHALLENGE = bytesFromHex("06F85B77251BF794");

/** GET STATUS: two bytes to the card and 31 back, each of them whole blocks when enciphered. */
const COMMAND = encodeCommand(getStatusCommand("issuerSecurityDomain"));

async function openSession(channel: CardChannel, securityLevel: number): Promise<SecureSession> {
  const keys = createKeySet({ version: 0xff, enc: FACTORY_KEY, mac: FACTORY_KEY, dek: FACTORY_KEY });
  return await openScp03(channel, { keys, hostChallenge: HOST_CHALLENGE, securityLevel });
}

async function sendAll(session: SecureSession, commands: number): Promise<void> {
  for (let sent = 0; sent < commands; sent += 1) {
    const answer = await session.transmit(COMMAND);
    if (answer.at(-2) !== 0x90 || answer.at(-1) !== 0x00) throw new Error("the card refused GET STATUS");
  }
}

/** Microseconds of the processor, of this process with all its threads. */
function processorUs(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}

/**
 * Commands a second that one core wraps and whose answers it unwraps: a session with the card is recorded, and then played
 * again and again without the card. What is divided by is processor time, so that a busy machine changes nothing.
 */
export async function benchScp03(card: CardChannel, emit: (row: Row) => void): Promise<void> {
  for (const { name, securityLevel } of LEVELS) {
    const recorded: RecordedExchange[] = [];
    const live = await openSession(recordInto(recorded, card), securityLevel);
    await sendAll(live, RECORDED_COMMANDS);
    live.close();
    let usedUs = 0;
    for (let replay = 0; replay <= REPLAYS; replay += 1) {
      const session = await openSession(createReplay(recorded), securityLevel);
      const start = processorUs();
      await sendAll(session, RECORDED_COMMANDS);
      // The first replay warms up.
      if (replay > 0) usedUs += processorUs() - start;
      session.close();
    }
    const samples = REPLAYS * RECORDED_COMMANDS;
    const perSecond = samples / (usedUs / 1_000_000);
    emit(createRow({ name: `scp03 ${name}`, unit: "commands/s/core", ours: perSecond, samples, seed: null }));
  }
}
