import * as protocol from "../index.ts";
import type { Message } from "./honest-terminal.ts";

/** A voucher as settlement has stored it. */
export interface Known {
  readonly message: Message;
  receivedAt: number;
  receipts: number[];
  reversed: boolean;
  state: "open" | "paid" | "compensated" | "withheld" | "disputed";
}

export function isBorne(state: Known["state"]): boolean {
  return state === "compensated" || state === "withheld";
}

export function unitsOf(known: readonly Known[]): bigint {
  return known.reduce((sum, { message }) => sum + message.observation.amount, 0n);
}

/** The judge's verdict, as far as the messages of cloned cards can differ in it. */
export function verdictOf({ observation }: Message, exceeds: boolean): protocol.VoucherVerdict {
  const voucher = {} as protocol.AuthenticVoucher;
  const self = protocol.selfFault(observation);
  if (self !== null) return { worth: "authentic", codes: [self], voucher };
  return exceeds ? { worth: "authentic", codes: ["OVER_MAX_SPENT"], voucher } : { worth: "promised", voucher };
}
