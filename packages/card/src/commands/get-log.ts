import { type CardChannel, type CommandApdu, concatBytes } from "@tallystick/apdu";
import {
  type Address,
  CARD_RECORD_LENGTH,
  type CardRecord,
  decodeCardRecord,
  RING_SIZE,
  SIGNATURE_LENGTH,
} from "@tallystick/protocol";
import { CardError, exactLength } from "../exchange/card-error.ts";
import { type CommandResult, runCommand } from "../exchange/command-result.ts";
import { CLA_TALLYSTICK, INS } from "../exchange/instruction.ts";

/** One payment of the card's ring, with the DER signature over its M (spec §4.2, §4.3). */
export interface LoggedPayment {
  readonly record: CardRecord;
  readonly signature: Uint8Array;
}

/** Whose payments are read: a payee's, with the terminal's signature or by the right it gave. */
export interface LogReader {
  readonly payee: Address;
  /** r ‖ s of the certified terminal over `TLYG` with the card's challenge, 64 bytes. */
  readonly signature?: Uint8Array;
}

/**
 * GET LOG: age 0 is the newest of 16. Without a reader the card answers only inside SCP03 or after
 * the PIN; to a reader with a signature, or one whose signature it has taken (spec §4.13).
 */
export function getLogCommand(age: number, reader?: LogReader): CommandApdu {
  if (!Number.isInteger(age) || age < 0 || age >= RING_SIZE) {
    throw new RangeError(`The age of a record is 0 to ${RING_SIZE - 1}; ${age} came.`);
  }
  const data = reader === undefined ? {} : { data: dataOf(reader) };
  return { cla: CLA_TALLYSTICK, ins: INS.getLog, p1: age, p2: 0, ...data, le: 256 };
}

function dataOf({ payee, signature }: LogReader): Uint8Array {
  if (signature === undefined) return payee;
  return concatBytes(payee, exactLength(signature, SIGNATURE_LENGTH, "signature of a terminal"));
}

/** Reads the answer to GET LOG. */
export function readLogAnswer(data: Uint8Array): LoggedPayment {
  if (data.length <= CARD_RECORD_LENGTH) {
    throw new CardError("ANSWER_LENGTH", {
      command: "GET LOG",
      expected: `more than ${CARD_RECORD_LENGTH} bytes`,
      actual: `${data.length} bytes`,
    });
  }
  return { record: decodeCardRecord(data.slice(0, CARD_RECORD_LENGTH)), signature: data.slice(CARD_RECORD_LENGTH) };
}

/**
 * Reads one payment. 6A83: there is none of this age for this payee; 6982: the card does not know
 * the reader as the payee's.
 */
export async function getLog(
  channel: CardChannel,
  age: number,
  reader?: LogReader,
): Promise<CommandResult<LoggedPayment>> {
  return await runCommand(channel, getLogCommand(age, reader), readLogAnswer);
}
