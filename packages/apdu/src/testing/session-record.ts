import { bytesFromHex, bytesToHex } from "../iso7816/bytes.ts";
import type { CardChannel } from "../iso7816/card-channel.ts";
import { withTrace } from "../decorators/with-trace.ts";
import { createScriptedCard, type ScriptedCard, ScriptError } from "./scripted-card.ts";

/** Exchanges as they went over the wire; null where no response came. */
export type SessionRecord = readonly { readonly command: Uint8Array; readonly response: Uint8Array | null }[];

/**
 * Records all that goes through a channel. Put it below the secure channel, so that the record
 * holds no secret.
 */
export function recordSession(channel: CardChannel): {
  readonly channel: CardChannel;
  readonly record: () => SessionRecord;
} {
  const entries: { command: Uint8Array; response: Uint8Array | null }[] = [];
  return {
    channel: withTrace(channel, ({ command, response }) => entries.push({ command, response })),
    record: () => [...entries],
  };
}

/** A card that answers as the recorded one did, as long as it gets the same bytes. */
export function replaySession(record: SessionRecord): ScriptedCard {
  return createScriptedCard(
    record.map(({ command, response }, position) => [
      bytesToHex(command),
      response === null
        ? new ScriptError("NO_RESPONSE", position, "The recorded card did not answer.")
        : bytesToHex(response),
    ]),
  );
}

/** One line an exchange, `>` command and `<` response in hexadecimal; a missing response is `-`. */
export function formatSession(record: SessionRecord): string {
  return record
    .map(({ command, response }) => `> ${bytesToHex(command)}\n< ${response === null ? "-" : bytesToHex(response)}\n`)
    .join("");
}

/** Reads what `formatSession` wrote; empty lines and lines that start with `#` are skipped. */
export function parseSession(text: string): SessionRecord {
  const lines = text.split("\n").filter((line) => line.trim() !== "" && !line.startsWith("#"));
  if (lines.length % 2 !== 0) throw new SyntaxError("every command of a recorded session needs a response");
  const record: { command: Uint8Array; response: Uint8Array | null }[] = [];
  for (let i = 0; i < lines.length; i += 2) {
    const [command, response] = [lines[i] ?? "", lines[i + 1] ?? ""];
    if (!command.startsWith("> ") || !response.startsWith("< ")) {
      throw new SyntaxError(`a command and its response were expected at exchange ${i / 2}`);
    }
    const answer = response.slice(2).trim();
    record.push({ command: bytesFromHex(command.slice(2)), response: answer === "-" ? null : bytesFromHex(answer) });
  }
  return record;
}
