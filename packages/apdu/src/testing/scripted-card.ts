import { bytesFromHex, bytesToHex, equalBytes } from "../iso7816/bytes.ts";
import type { CardChannel } from "../iso7816/card-channel.ts";

/** A command that must come next, in hexadecimal, and what the card does with it. */
export type ScriptStep = readonly [command: string, response: string | Error];

/** How a script and its use differ. */
export type ScriptErrorCode = "OTHER_COMMAND" | "SCRIPT_ENDED" | "STEPS_LEFT" | "NO_RESPONSE";

/** Thrown where the commands that come are not those of the script, at the step at `position`. */
export class ScriptError extends Error {
  readonly code: ScriptErrorCode;
  readonly position: number;

  constructor(code: ScriptErrorCode, position: number, message: string) {
    super(message);
    this.name = "ScriptError";
    this.code = code;
    this.position = position;
  }
}

export interface ScriptedCard {
  readonly channel: CardChannel;
  /** Throws STEPS_LEFT unless every step of the script was taken. */
  assertFinished(): void;
}

/**
 * A card that answers exactly the commands of its script, in their order, and throws ScriptError at
 * anything else.
 */
export function createScriptedCard(script: readonly ScriptStep[]): ScriptedCard {
  let position = 0;
  return {
    channel: async (command) => {
      const step = script[position];
      const came = bytesToHex(command);
      if (step === undefined)
        throw new ScriptError("SCRIPT_ENDED", position, `The script has ended, but the card got ${came}.`);
      const [expected, response] = step;
      if (!equalBytes(command, bytesFromHex(expected))) {
        const message = `Step ${position}: expected ${expected}, but the card got ${came}.`;
        throw new ScriptError("OTHER_COMMAND", position, message);
      }
      position++;
      if (response instanceof Error) throw response;
      return bytesFromHex(response);
    },
    assertFinished: () => {
      const left = script.length - position;
      if (left > 0) throw new ScriptError("STEPS_LEFT", position, `The script has ${left} steps left.`);
    },
  };
}
