import { createCipheriv, createDecipheriv } from "node:crypto";
import { ApduError, type CardChannel } from "@tallystick/apdu";
import { opensslCmac, OpensslScp03 } from "@tallystick/apdu/testing";

interface DomainKeys {
  readonly version: number;
  readonly enc: Uint8Array;
  readonly mac: Uint8Array;
  readonly dek: Uint8Array;
}

const OK = [0x90, 0x00] as const;
const MAC_BYTES = 8;

/** A card's security domain in process: SCP03 with AES-128 and PUT KEY, on OpenSSL alone. */
export class SoftwareDomain {
  keys: DomainKeys;
  /** Tears the next PUT KEY before or after the card keeps what it got. */
  tear: "before" | "after" | null = null;
  /** INITIALIZE UPDATE commands that it was sent. */
  asked = 0;
  /** EXTERNAL AUTHENTICATE commands that it refused, which cards count. */
  failures = 0;
  #session: { readonly codec: OpensslScp03; readonly hostCryptogram: Uint8Array } | null = null;
  #counter = 0;
  readonly #name: Uint8Array;

  constructor(name: Uint8Array, keys: DomainKeys) {
    this.#name = name;
    this.keys = keys;
  }

  readonly channel: CardChannel = async (command) => {
    const ins = command[1] ?? 0;
    if (ins === 0x50) return this.#initialize(command.slice(5, 13));
    const session = this.#session;
    if (session === null) return Uint8Array.of(0x69, 0x82);
    const { header, data } = session.codec.unwrap(command);
    if (ins === 0x82) return this.#authenticate(header, data);
    if (ins !== 0xd8) return session.codec.wrap(new Uint8Array(0), [0x6d, 0x00]);
    const put = this.#read(data);
    const { tear } = this;
    this.tear = null;
    if (tear !== "before") this.keys = put.keys;
    if (tear !== null) {
      this.#session = null;
      throw new ApduError("TORN", "The card lost its power.", {});
    }
    return session.codec.wrap(put.answer, OK);
  };

  #initialize(hostChallenge: Uint8Array): Uint8Array {
    this.asked += 1;
    this.#counter += 1;
    const cardChallenge = opensslCmac(this.keys.mac, Uint8Array.of(this.#counter)).slice(0, MAC_BYTES);
    const context = Uint8Array.from([...hostChallenge, ...cardChallenge]);
    const mac = derive(this.keys.mac, { constant: 6, bytes: 16, context });
    const codec = new OpensslScp03(
      {
        enc: derive(this.keys.enc, { constant: 4, bytes: 16, context }),
        mac,
        rmac: derive(this.keys.mac, { constant: 7, bytes: 16, context }),
      },
      MAC_BYTES,
      0x01,
    );
    const cryptogram = derive(mac, { constant: 0, bytes: MAC_BYTES, context });
    this.#session = { codec, hostCryptogram: derive(mac, { constant: 1, bytes: MAC_BYTES, context }) };
    const start = [...this.#name, this.keys.version, 0x03, 0x70];
    return Uint8Array.from([...start, ...cardChallenge, ...cryptogram, 0, 0, this.#counter, ...OK]);
  }

  #authenticate(header: Uint8Array, data: Uint8Array): Uint8Array {
    if (!Buffer.from(data).equals(this.#session?.hostCryptogram ?? new Uint8Array(0))) {
      this.failures += 1;
      return Uint8Array.of(0x63, 0x00);
    }
    this.#session?.codec.raise(header[2] ?? 0);
    return Uint8Array.from(OK);
  }

  /** Three keys of AES-128 under the static DEK, each with its check value. */
  #read(data: Uint8Array): { readonly keys: DomainKeys; readonly answer: Uint8Array } {
    const version = data[0] ?? 0;
    const answer = [version];
    const keys = [0, 1, 2].map((index) => {
      const block = data.slice(1 + index * 23, 1 + (index + 1) * 23);
      const decipher = createDecipheriv("aes-128-cbc", this.keys.dek, new Uint8Array(16)).setAutoPadding(false);
      const key = Uint8Array.from(decipher.update(block.slice(3, 19)));
      const cipher = createCipheriv("aes-128-ecb", key, null).setAutoPadding(false);
      const checkValue = cipher.update(new Uint8Array(16).fill(1)).subarray(0, 3);
      if (!checkValue.equals(block.slice(20))) throw new Error("the check value is another key's");
      answer.push(...checkValue);
      return key;
    });
    const [enc, mac, dek] = keys as [Uint8Array, Uint8Array, Uint8Array];
    return { keys: { version, enc, mac, dek }, answer: Uint8Array.from(answer) };
  }
}

/** SCP03's derivation (GP Amendment D v1.1.2 §4.1.5). */
function derive(
  key: Uint8Array,
  { constant, bytes, context }: { readonly constant: number; readonly bytes: number; readonly context: Uint8Array },
): Uint8Array {
  const bits = bytes * 8;
  const before = [...new Uint8Array(11), constant, 0, bits >> 8, bits & 0xff, 1];
  return opensslCmac(key, Uint8Array.from([...before, ...context])).slice(0, bytes);
}
