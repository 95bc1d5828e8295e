import { MAX_CMAC_MESSAGE_BYTES } from "./limits.ts";

/** A copy of a message that is to be authenticated; throws RangeError for other than 1 to 256 bytes. */
export function checkMessage(message: Uint8Array): Uint8Array {
  if (message.length === 0 || message.length > MAX_CMAC_MESSAGE_BYTES)
    throw new RangeError(`A message of a derivation has 1 to ${MAX_CMAC_MESSAGE_BYTES} bytes.`);
  return message.slice();
}
