import type { CardChannel, CommandApdu } from "@tallystick/apdu";
import { type Address, CARD_RECORD_LENGTH, type CardRecord, decodeCardRecord, RING_SIZE } from "@tallystick/protocol";
import { CardError } from "../exchange/card-error.ts";
import { type CommandResult, runCommand } from "../exchange/command-result.ts";
import { CLA_TALLYSTICK, INS } from "../exchange/instruction.ts";

/** One payment of the card's ring, with the DER signature over its M (spec §4.2, §4.3). */
export interface LoggedPayment {
  readonly record: CardRecord;
  readonly signature: Uint8Array;
}

/**
 * GET LOG: age 0 is the newest of 16. Without a payee the card answers only inside SCP03 or after
 * the PIN.
 */
export function getLogCommand(age: number, payee?: Address): CommandApdu {
  if (!Number.isInteger(age) || age < 0 || age >= RING_SIZE) {
    throw new RangeError(`The age of a record is 0 to ${RING_SIZE - 1}; ${age} came.`);
  }
  return {
    cla: CLA_TALLYSTICK,
    ins: INS.getLog,
    p1: age,
    p2: 0,
    ...(payee === undefined ? {} : { data: payee }),
    le: 256,
  };
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

/** Reads one payment; 6A83 means that there is none of this age for this payee. */
export async function getLog(
  channel: CardChannel,
  age: number,
  payee?: Address,
): Promise<CommandResult<LoggedPayment>> {
  return await runCommand(channel, getLogCommand(age, payee), readLogAnswer);
}
