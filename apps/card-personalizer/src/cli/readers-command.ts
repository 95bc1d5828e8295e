import { bytesToHex, type ReaderStatus } from "@tallystick/apdu";
import { loadConfig } from "../config/load-config.ts";
import { EXIT, type ExitCode } from "@tallystick/program";
import { listReaders, openReaders, type ReaderChoice } from "../reader/reader-config.ts";
import { reportFailure, type ProgramIo } from "./program-io.ts";

export interface ReadersFlags {
  readonly config?: string;
  readonly json: boolean;
}

/** `readers`: one line a reader. Answers the exit code. */
export async function runReaders({ config, json }: ReadersFlags, io: ProgramIo): Promise<ExitCode> {
  try {
    const choice: ReaderChoice = config === undefined ? {} : loadConfig(config);
    const readers = openReaders(choice);
    try {
      const found = await listReaders(readers);
      for (const reader of found) io.writeLine(json ? jsonLine(reader) : textLine(reader));
      if (found.length === 0 && !json) io.writeLine("There is no reader. Plug one in.");
      return EXIT.done;
    } finally {
      await readers.close();
    }
  } catch (error) {
    return reportFailure(error, json, io);
  }
}

function jsonLine({ name, card, atr, inUse }: ReaderStatus): string {
  return JSON.stringify({
    schema: "tallystick.reader/1",
    name,
    card,
    atr: atr === null ? null : bytesToHex(atr),
    inUse,
  });
}

function textLine({ name, card, inUse }: ReaderStatus): string {
  const state = { absent: "no card", present: "a card", mute: "a card that does not answer" }[card];
  return `"${name}": ${state}${inUse ? ", held by another program" : ""}`;
}
