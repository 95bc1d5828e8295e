import { ApduError } from "../iso7816/apdu-error.ts";
import type { CardChannel } from "../iso7816/card-channel.ts";
import { byteAt, concatBytes } from "../iso7816/bytes.ts";
import { encodeCommand } from "../iso7816/command-apdu.ts";
import { GET_RESPONSE_ROUNDS_MAX, RESPONSE_BYTES_MAX } from "../iso7816/limits.ts";
import { encodeResponse, parseResponse } from "../iso7816/response-apdu.ts";

const INS_GET_RESPONSE = 0xc0;

/**
 * Fetches data that a card holds back with 61xx, and joins it (ISO 7816-4 §7.6.1). The class keeps
 * its logical channel and loses secure messaging, because GET RESPONSE transports and is not itself
 * secured.
 */
export function withGetResponse(channel: CardChannel): CardChannel {
  return async (command) => {
    let response = parseResponse(await channel(command));
    if (response.sw >> 8 !== 0x61) return encodeResponse(response);
    const cla = byteAt(command, 0) & 0x03;
    const parts: Uint8Array[] = [response.data];
    let length = response.data.length;
    for (let round = 0; response.sw >> 8 === 0x61; round++) {
      if (round === GET_RESPONSE_ROUNDS_MAX || length > RESPONSE_BYTES_MAX) {
        throw new ApduError("TOO_LONG", "The card goes on announcing data with 61xx.", { rounds: round, length });
      }
      const le = (response.sw & 0xff) === 0 ? 256 : response.sw & 0xff;
      const next = encodeCommand({ cla, ins: INS_GET_RESPONSE, p1: 0, p2: 0, le });
      response = parseResponse(await channel(next));
      parts.push(response.data);
      length += response.data.length;
    }
    return encodeResponse({ data: concatBytes(...parts), sw: response.sw });
  };
}
