import { ApduError } from "../iso7816/apdu-error.ts";
import { bytesFromNumber, concatBytes } from "../iso7816/bytes.ts";
import { encodeCommand, type CommandApdu } from "../iso7816/command-apdu.ts";
import {
  AES_BLOCK_BYTES,
  aesCbcDecrypt,
  aesCbcEncrypt,
  aesCmac,
  aesEncryptBlock,
  pad80,
  unpad80,
} from "../crypto/aes.ts";
import { EXTENDED_COMMAND_DATA_MAX, SHORT_COMMAND_DATA_MAX } from "../iso7816/limits.ts";
import { encodeResponse } from "../iso7816/response-apdu.ts";
import { assertResponseMac, CLA_SECURE_MESSAGING, parsePlainCommand, splitSecuredAnswer } from "./secured-apdu.ts";
import { C_DECRYPTION, C_MAC, R_ENCRYPTION } from "./security-level.ts";

/** Session keys, zeroed by their owner. */
export interface Scp03SessionKeys {
  readonly enc: Uint8Array;
  readonly mac: Uint8Array;
  readonly rmac: Uint8Array;
}

/**
 * Wraps commands and unwraps responses of one SCP03 session (GP Amendment D v1.1.2 §6.2). It holds
 * the chaining value and the command counter; a caller must wrap and unwrap strictly in turn.
 */
export class Scp03Codec {
  readonly #keys: Scp03SessionKeys;
  readonly #macBytes: number;
  readonly #skipsEmpty: boolean;
  #level: number;
  #chainingValue: Uint8Array = new Uint8Array(AES_BLOCK_BYTES);
  #counter = 0;

  /**
   * `macBytes` is 8 in S8 mode and 16 in S16 mode. The session starts with MACs only, for EXTERNAL
   * AUTHENTICATE. `skipsEmpty` is for cards that count commands with data only, against §6.2.6.
   */
  constructor(keys: Scp03SessionKeys, macBytes: 8 | 16, skipsEmpty = false) {
    this.#keys = keys;
    this.#macBytes = macBytes;
    this.#skipsEmpty = skipsEmpty;
    this.#level = C_MAC;
  }

  /** From the command after EXTERNAL AUTHENTICATE on; that one is not counted (§6.2.6). */
  raiseLevel(level: number): void {
    this.#level = level;
    this.#counter = 0;
  }

  wrap(bytes: Uint8Array): Uint8Array {
    const command = parsePlainCommand(bytes);
    const plain = command.data ?? new Uint8Array(0);
    // The counter advances for every command, also for those without data (§6.2.6).
    if (plain.length > 0 || !this.#skipsEmpty) this.#counter++;
    const data = (this.#level & C_DECRYPTION) !== 0 && plain.length > 0 ? this.#encrypt(plain) : plain;
    return this.#sign(command, data);
  }

  unwrap(bytes: Uint8Array): Uint8Array {
    const answer = splitSecuredAnswer(bytes, { level: this.#level, macBytes: this.#macBytes });
    if (answer === null) return bytes;
    const { content, sw } = answer;
    const mac = aesCmac(this.#keys.rmac, concatBytes(this.#chainingValue, content, bytesFromNumber(sw, 2)));
    assertResponseMac(answer, mac.subarray(0, this.#macBytes));
    const encrypted = (this.#level & R_ENCRYPTION) !== 0 && content.length > 0;
    return encodeResponse({ data: encrypted ? this.#decrypt(content) : content, sw });
  }

  /** Overwrites keys and chaining value with zeros. */
  destroy(): void {
    for (const secret of [this.#keys.enc, this.#keys.mac, this.#keys.rmac, this.#chainingValue]) secret.fill(0);
  }

  #encrypt(plain: Uint8Array): Uint8Array {
    return aesCbcEncrypt(this.#keys.enc, this.#iv(0x00), pad80(plain, AES_BLOCK_BYTES));
  }

  #decrypt(content: Uint8Array): Uint8Array {
    if (content.length % AES_BLOCK_BYTES !== 0) {
      throw new ApduError("RESPONSE_PADDING", "Enciphered response data must be whole blocks.", {
        length: content.length,
      });
    }
    return unpad80(aesCbcDecrypt(this.#keys.enc, this.#iv(0x80), content));
  }

  /** The counter as a block under S-ENC; answers have its first byte set to 80 (§6.2.6, §6.2.7). */
  #iv(first: number): Uint8Array {
    const block = bytesFromNumber(this.#counter, AES_BLOCK_BYTES);
    block[0] = first;
    return aesEncryptBlock(this.#keys.enc, block);
  }

  #sign(command: CommandApdu, data: Uint8Array): Uint8Array {
    const length = data.length + this.#macBytes;
    if (length > EXTENDED_COMMAND_DATA_MAX)
      throw new ApduError("TOO_LONG", "The secured command is too long.", { length });
    const cla = command.cla | CLA_SECURE_MESSAGING;
    const extended = command.extended === true || length > SHORT_COMMAND_DATA_MAX || (command.le ?? 0) > 256;
    const lc = extended ? bytesFromNumber(length, 3) : Uint8Array.of(length);
    const header = Uint8Array.of(cla, command.ins, command.p1, command.p2);
    this.#chainingValue = aesCmac(this.#keys.mac, concatBytes(this.#chainingValue, header, lc, data));
    const secured = concatBytes(data, this.#chainingValue.subarray(0, this.#macBytes));
    const le = command.le === undefined ? {} : { le: command.le };
    return encodeCommand({ ...command, cla, data: secured, ...le, extended });
  }
}
