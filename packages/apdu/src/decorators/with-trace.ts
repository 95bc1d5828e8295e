import type { CardChannel } from "../iso7816/card-channel.ts";

/**
 * One exchange as it went over the wire; `response` is null when none arrived, and `error` then
 * says why.
 */
export interface TraceEntry {
  readonly command: Uint8Array;
  readonly response: Uint8Array | null;
  readonly error: unknown;
}

/**
 * Reports every exchange. Put it below the secure channel: there the data of secured commands is
 * enciphered, so that a trace of a session with C-DECRYPTION and R-ENCRYPTION holds no secret.
 */
export function withTrace(channel: CardChannel, report: (entry: TraceEntry) => void): CardChannel {
  return async (command) => {
    const sent = command.slice();
    try {
      const response = await channel(command);
      report({ command: sent, response: response.slice(), error: null });
      return response;
    } catch (error) {
      report({ command: sent, response: null, error });
      throw error;
    }
  };
}
