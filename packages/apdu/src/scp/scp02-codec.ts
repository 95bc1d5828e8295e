import { ApduError } from "../iso7816/apdu-error.ts";
import { bytesFromNumber, concatBytes } from "../iso7816/bytes.ts";
import { encodeCommand } from "../iso7816/command-apdu.ts";
import { pad80 } from "../crypto/aes.ts";
import { DES_BLOCK_BYTES, desEncryptBlock, retailMac, tripleDesCbcEncrypt } from "../crypto/des.ts";
import { SHORT_COMMAND_DATA_MAX } from "../iso7816/limits.ts";
import { encodeResponse } from "../iso7816/response-apdu.ts";
import { assertResponseMac, CLA_SECURE_MESSAGING, parsePlainCommand, splitSecuredAnswer } from "./secured-apdu.ts";
import { C_DECRYPTION, C_MAC } from "./security-level.ts";

/** Session keys of SCP02, 16 bytes each, zeroed by their owner. */
export interface Scp02SessionKeys {
  readonly enc: Uint8Array;
  readonly mac: Uint8Array;
  readonly rmac: Uint8Array;
}

/**
 * Wraps commands and unwraps responses of one SCP02 session with option i = 55 (GP Card
 * Specification v2.3.1 §E.4): the MAC over the unmodified data, chained by an enciphered initial
 * value.
 */
export class Scp02Codec {
  readonly #keys: Scp02SessionKeys;
  #level = C_MAC;
  /**
   * Null before the first MAC: EXTERNAL AUTHENTICATE starts from zeros, which are not enciphered
   * (§E.3.4).
   */
  #lastMac: Uint8Array | null;
  #lastResponseMac: Uint8Array;
  /** What the response MAC covers of the command under way. */
  #covered: Uint8Array = new Uint8Array(0);

  constructor(keys: Scp02SessionKeys, lastMac: Uint8Array | null = null) {
    this.#keys = keys;
    this.#lastMac = lastMac;
    this.#lastResponseMac = lastMac ?? new Uint8Array(DES_BLOCK_BYTES);
  }

  /**
   * From the command after EXTERNAL AUTHENTICATE on, whose MAC starts the chain of response MACs
   * (§E.4.5).
   */
  raiseLevel(level: number): void {
    this.#level = level;
    this.#lastResponseMac = this.#lastMac ?? this.#lastResponseMac;
  }

  wrap(bytes: Uint8Array): Uint8Array {
    const command = parsePlainCommand(bytes);
    const plain = command.data ?? new Uint8Array(0);
    const longest = SHORT_COMMAND_DATA_MAX - 2 * DES_BLOCK_BYTES;
    if (command.extended === true || plain.length > longest) {
      throw new ApduError("TOO_LONG", `SCP02 carries at most ${longest} bytes in a command.`, { length: plain.length });
    }
    const cla = command.cla | CLA_SECURE_MESSAGING;
    const head = Uint8Array.of(cla, command.ins, command.p1, command.p2, plain.length + DES_BLOCK_BYTES);
    const initial = this.#lastMac === null ? new Uint8Array(DES_BLOCK_BYTES) : this.#encipher(this.#lastMac);
    const mac = retailMac(this.#keys.mac, initial, pad80(concatBytes(head, plain), DES_BLOCK_BYTES));
    this.#lastMac = mac;
    this.#covered = concatBytes(Uint8Array.of(command.cla, command.ins, command.p1, command.p2, plain.length), plain);
    const enciphered = (this.#level & C_DECRYPTION) !== 0 && plain.length > 0;
    const data = enciphered ? tripleDesCbcEncrypt(this.#keys.enc, pad80(plain, DES_BLOCK_BYTES)) : plain;
    const le = command.le === undefined ? {} : { le: command.le };
    return encodeCommand({ ...command, cla, data: concatBytes(data, mac), ...le });
  }

  unwrap(bytes: Uint8Array): Uint8Array {
    const answer = splitSecuredAnswer(bytes, { level: this.#level, macBytes: DES_BLOCK_BYTES });
    if (answer === null) return bytes;
    const { content, sw } = answer;
    const covered = concatBytes(this.#covered, Uint8Array.of(content.length & 0xff), content, bytesFromNumber(sw, 2));
    const mac = retailMac(this.#keys.rmac, this.#lastResponseMac, pad80(covered, DES_BLOCK_BYTES));
    assertResponseMac(answer, mac);
    this.#lastResponseMac = mac;
    return encodeResponse({ data: content, sw });
  }

  /** Overwrites the keys with zeros. */
  destroy(): void {
    for (const secret of [this.#keys.enc, this.#keys.mac, this.#keys.rmac]) secret.fill(0);
  }

  #encipher(mac: Uint8Array): Uint8Array {
    return desEncryptBlock(this.#keys.mac.slice(0, DES_BLOCK_BYTES), mac);
  }
}
