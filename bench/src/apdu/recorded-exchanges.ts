import type { CardChannel } from "@tallystick/apdu";
import { BenchError } from "../bench-error.ts";

export interface RecordedExchange {
  readonly command: Uint8Array;
  readonly response: Uint8Array;
}

/** A channel that keeps what goes through it. */
export function recordInto(exchanges: RecordedExchange[], channel: CardChannel): CardChannel {
  return async (command) => {
    const response = await channel(command);
    exchanges.push({ command: command.slice(), response: response.slice() });
    return response;
  };
}

/** A card that answers from a record, in its order. Throws for any command but the recorded one. */
export function createReplay(exchanges: readonly RecordedExchange[]): CardChannel {
  let next = 0;
  return (command) => {
    const exchange = exchanges[next];
    if (exchange === undefined) return Promise.reject(new BenchError("RECORD_AT_END", "the record is at its end"));
    if (Buffer.compare(command, exchange.command) !== 0)
      return Promise.reject(new BenchError("RECORD_MISMATCH", `command ${next} is not the recorded one`));
    next += 1;
    return Promise.resolve(exchange.response);
  };
}
