import { equalBytes } from "@tallystick/apdu";
import type { CommandResult } from "@tallystick/card";
import { cardRefused, Failure } from "../failures.ts";

/** The value of a command that this step cannot do without; throws Failure CARD_REFUSED. */
export function expectOk<T>(command: string, result: CommandResult<T>): T {
  if (!result.ok) throw cardRefused(command, result.message);
  return result.value;
}

/** Refuses a card that reads back something else than what it was given. */
export function expectSame(what: string, actual: Uint8Array, expected: Uint8Array): void {
  if (!equalBytes(actual, expected)) throw new Failure("CARD_CONTRADICTS", `Look at: ${what}.`);
}
