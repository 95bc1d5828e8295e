import { concatBytes, equalBytes } from "@tallystick/apdu";
import { cardStates, PROTOCOL_VERSION, RING_SIZE } from "@tallystick/protocol";
import { currentRules } from "./allowance-rules.ts";
import type { CardContext } from "./card-context.ts";
import { signAsCard, tagged } from "./card-crypto.ts";
import { PARTS } from "./card-image.ts";
import { toBytes, unsigned } from "./numbers.ts";
import { Refusal, require, SW } from "./refusal.ts";

const CHALLENGE_BYTES = 16;
const PAYEE_BYTES = 20;
/** Build and capability bits of DF01: replay and ring, PIN, certificate, beacon. */
const BUILD_AND_CAPABILITIES = Uint8Array.of(0x00, 0x01, 0x00, 0x0f);

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

/** GET LOG (spec §4.13). */
export function getLogOnCard({ image, volatile, secure, data, p1 }: CardContext): Uint8Array {
  require(data.length === 0 || data.length === PAYEE_BYTES, SW.wrongLength);
  const mayReadAll = secure || volatile.pinShown;
  require(data.length > 0 || mayReadAll, SW.noRight);
  require(image.state !== cardStates.installed, SW.state);
  const last = unsigned(image.read("counter"));
  require(p1 < RING_SIZE && last > BigInt(p1), SW.noRecord);
  const counter = last - BigInt(p1);
  const record = image.record(counter);
  require(mayReadAll || equalBytes(record.slice(12, 32), data), SW.noRecord);
  return concatBytes(record, image.signature(counter));
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
