import { concatBytes } from "@tallystick/apdu";
import { PROTOCOL_VERSION } from "@tallystick/protocol";
import { cardTagOf, compressedKey } from "../card-crypto.ts";
import { type CardImage, PARTS } from "../card-image.ts";

/** SELECT's answer (spec §4.4): 16 bytes before the first allowance, 234 afterwards. */
export function selectAnswer(image: CardImage, aid: Uint8Array): Uint8Array {
  const name = concatBytes(Uint8Array.of(0x84, 0x08), aid);
  const version = Uint8Array.of(PROTOCOL_VERSION, image.state);
  if (!image.has(PARTS.allowance)) {
    return concatBytes(Uint8Array.of(0x6f, 0x0e), name, Uint8Array.of(0x85, 0x02), version);
  }
  return concatBytes(
    Uint8Array.of(0x6f, 0x81, 0xe7),
    name,
    Uint8Array.of(0x85, 0x81, 0xda),
    version,
    cardTagOf(image),
    compressedKey(image),
    image.read("allowance"),
    image.read("counter"),
    image.read("spent"),
    image.read("noPinUsed"),
    image.read("noPinTaps"),
    image.read("head"),
  );
}
