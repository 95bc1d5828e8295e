import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { KeyFileError, makeKeyFile, readKeyFile } from "@tallystick/program";
import { z } from "zod";
import { PIN_DIGITS, PUK_DIGITS } from "../limits.ts";
import { removeFile } from "./new-file.ts";

/** One digit 0–9 a byte, so that their owner can overwrite them. */
export interface CardSecrets {
  readonly pin: Uint8Array;
  readonly puk: Uint8Array;
}

/** Where PINs and PUKs go on their way to the cardholder: a folder of letters here, a printer of sealed ones elsewhere. */
export interface PinLetters {
  /** The secrets of this reference: drawn and durable at the first call, the same at every later one. */
  secretsOf(reference: string): CardSecrets;
  /** Whether they were drawn. */
  has(reference: string): boolean;
  /** Removes them; nothing where there are none. */
  forget(reference: string): void;
}

const schema = "tallystick.pin-letter/1";

const letterSchema = z.strictObject({
  schema: z.literal(schema),
  reference: z.string(),
  pin: z.string().regex(/^[0-9]{4,12}$/),
  puk: z.string().regex(/^[0-9]{8}$/),
});

/** Letters as files that only their owner can read, one a card. Throws KeyFileError, whose text holds no secret. */
export function createPinFolder(folder: string, randomBytes: (length: number) => Uint8Array): PinLetters {
  const pathOf = (reference: string): string => join(folder, `${encodeURIComponent(reference)}.json`);
  return {
    has: (reference) => existsSync(pathOf(reference)),
    forget: (reference) => removeFile(pathOf(reference)),
    secretsOf: (reference) => {
      const path = pathOf(reference);
      if (!existsSync(path)) {
        mkdirSync(folder, { recursive: true, mode: 0o700 });
        const draw = (count: number): string => drawDigits(count, randomBytes).join("");
        makeKeyFile(path, { schema, reference, pin: draw(PIN_DIGITS), puk: draw(PUK_DIGITS) });
      }
      return readLetter(path, reference);
    },
  };
}

/** Digits without bias: bytes from 250 on would make 0 to 5 more frequent and are drawn again. */
export function drawDigits(count: number, randomBytes: (length: number) => Uint8Array): number[] {
  const digits: number[] = [];
  while (digits.length < count) {
    for (const byte of randomBytes(count - digits.length)) if (byte < 250) digits.push(byte % 10);
  }
  return digits;
}

function readLetter(path: string, reference: string): CardSecrets {
  const letter = readKeyFile(path, letterSchema);
  if (letter.reference !== reference)
    throw new KeyFileError("KEY_FILE_MALFORMED", path, `${path} is no letter for ${reference}.`);
  return { pin: digitsOf(letter.pin), puk: digitsOf(letter.puk) };
}

function digitsOf(text: string): Uint8Array {
  return Uint8Array.from(text, (digit) => Number(digit));
}
