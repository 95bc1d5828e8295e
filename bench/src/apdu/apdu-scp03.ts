import { type CardChannel, encodeCommand, getStatusCommand, type SecureSession } from "@tallystick/apdu";
import { openFactoryChannel } from "../bench-card.ts";
import { createReplay, recordInto, type RecordedExchange } from "./recorded-exchanges.ts";
import { createRow, type Row } from "../row.ts";
import { RECORDED_COMMANDS, REPLAYS } from "../limits.ts";

const LEVELS = [
  { name: "C-MAC C-DEC R-MAC", securityLevel: 0x13 },
  { name: "all four", securityLevel: 0x33 },
];

/** GET STATUS: two bytes to the card and 31 back, each of them whole blocks when enciphered. */
const COMMAND = encodeCommand(getStatusCommand("issuerSecurityDomain"));

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
    const live = await openFactoryChannel(recordInto(recorded, card), securityLevel);
    await sendAll(live, RECORDED_COMMANDS);
    live.close();
    let usedUs = 0;
    for (let replay = 0; replay <= REPLAYS; replay += 1) {
      const session = await openFactoryChannel(createReplay(recorded), securityLevel);
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
