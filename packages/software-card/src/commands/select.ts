import { concatBytes } from "@tallystick/apdu";
import { PROTOCOL_VERSION } from "@tallystick/protocol";
import { currentRules } from "../allowance-rules.ts";
import { cardTagOf, compressedKey } from "../card-crypto.ts";
import { type CardImage, PARTS } from "../card-image.ts";
import { toBytes } from "../numbers.ts";

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

/** SELECT's short answer (spec §4.4): 67 bytes once there is an allowance. */
export function shortSelectAnswer(image: CardImage, aid: Uint8Array): Uint8Array {
  if (!image.has(PARTS.allowance)) return selectAnswer(image, aid);
  return concatBytes(
    Uint8Array.of(0x62, 0x41, 0x85, 0x3f, PROTOCOL_VERSION, image.state),
    cardTagOf(image),
    toBytes(currentRules(image).seq, 4),
    image.read("counter"),
    image.read("spent"),
    image.read("noPinUsed"),
    image.read("noPinTaps"),
    image.read("head"),
  );
}
