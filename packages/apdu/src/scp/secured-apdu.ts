import { ApduError } from "../iso7816/apdu-error.ts";
import { equalBytes } from "../iso7816/bytes.ts";
import { type CommandApdu, parseCommand } from "../iso7816/command-apdu.ts";
import { parseResponse } from "../iso7816/response-apdu.ts";
import { isWarning, SW_SUCCESS } from "../iso7816/status-word.ts";
import { R_MAC } from "./security-level.ts";

// What both protocols ask of a command before they secure it, and of an answer before they take it.

/** Bit 3 of the class: secure messaging (GP Card Specification v2.3.1 §11.1.4). */
export const CLA_SECURE_MESSAGING = 0x04;

/** An answer with its response MAC, which is not verified yet. */
export interface SecuredAnswer {
  readonly content: Uint8Array;
  readonly mac: Uint8Array;
  readonly sw: number;
}

/**
 * Fields of a command that may be secured; refuses one that is secured already or goes to another
 * logical channel.
 */
export function parsePlainCommand(bytes: Uint8Array): CommandApdu {
  const command = parseCommand(bytes);
  if ((command.cla & 0x4f) !== 0) {
    throw new ApduError("UNSUPPORTED", "Only plain commands on the basic channel can be secured.", {
      cla: command.cla,
    });
  }
  return command;
}

/**
 * Splits an answer at its MAC of `macBytes`; null for an answer that has none: at a level without
 * R-MAC, or a refusal.
 */
export function splitSecuredAnswer(
  bytes: Uint8Array,
  options: { readonly level: number; readonly macBytes: number },
): SecuredAnswer | null {
  const { data, sw } = parseResponse(bytes);
  if ((options.level & R_MAC) === 0) return null;
  if (sw !== SW_SUCCESS && !isWarning(sw)) {
    // Refusals carry the bare status word (Amendment D §6.2.5), so data beside one was put there by
    // somebody else.
    if (data.length > 0) throw new ApduError("RESPONSE_MAC", "A refusal came with data.", { sw });
    return null;
  }
  const length = data.length - options.macBytes;
  if (length < 0) {
    throw new ApduError("RESPONSE_MAC", "A success came without its response MAC.", { sw, length: data.length });
  }
  return { content: data.slice(0, length), mac: data.slice(length), sw };
}

/** Refuses an answer whose MAC is not the expected one: RESPONSE_MAC. */
export function assertResponseMac(answer: SecuredAnswer, expected: Uint8Array): void {
  if (!equalBytes(expected, answer.mac)) {
    throw new ApduError("RESPONSE_MAC", "The response MAC is wrong.", { sw: answer.sw });
  }
}
