import { concatBytes } from "@tallystick/apdu";
import { PROTOCOL_VERSION } from "@tallystick/protocol";
import { currentRules } from "../allowance-rules.ts";
import type { CardContext } from "../card-context.ts";
import { signAsCard, tagged } from "../card-crypto.ts";
import { PARTS } from "../card-image.ts";
import { toBytes } from "../numbers.ts";
import { Refusal, require, SW } from "../refusal.ts";

const CHALLENGE_BYTES = 16;
/** Build and capability bits of DF01: replay and ring, PIN, certificate, beacon, short forms. */
const BUILD_AND_CAPABILITIES = Uint8Array.of(0x00, 0x01, 0x00, 0x1f);

/** PROVE (spec §4.12). */
export async function proveOnCard({ image, data }: CardContext): Promise<Uint8Array> {
  require(data.length === CHALLENGE_BYTES, SW.wrongLength);
  require(image.has(PARTS.domain | PARTS.keyPair), SW.condition);
  const shown = concatBytes(
    image.read("counter"),
    image.read("spent"),
    toBytes(currentRules(image).seq, 4),
    Uint8Array.of(image.state),
    image.read("head"),
  );
  return concatBytes(shown, await signAsCard(image, concatBytes(tagged(image, "TLYP"), data, shown)));
}

/** GET DATA (spec §4.7). */
export function getDataOnCard({ image, data, p1, p2 }: CardContext): Uint8Array {
  require(data.length === 0, SW.wrongLength);
  const part = (bit: number, value: Uint8Array) => {
    require(image.has(bit), SW.noData);
    return value;
  };
  switch (p1 * 256 + p2) {
    case 0xdf01:
      return concatBytes(Uint8Array.of(PROTOCOL_VERSION), BUILD_AND_CAPABILITIES);
    case 0xdf02:
      return Uint8Array.of(image.byte("parts"), image.state);
    case 0xdf03:
      return part(PARTS.domain, image.read("domain"));
    case 0xdf04:
      return part(PARTS.issuerKey, image.read("issuer"));
    case 0xdf05:
      return part(PARTS.owner, image.read("owner"));
    case 0xdf06:
      return part(PARTS.address, image.read("address"));
    case 0xdf07:
      return part(PARTS.keyPair, image.read("publicKey"));
    default:
      throw new Refusal(SW.noData);
  }
}
