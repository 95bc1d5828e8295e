import { bytesFromHex, bytesToHex, equalBytes } from "../iso7816/bytes.ts";
import type { CardChannel } from "../iso7816/card-channel.ts";

/** A command that must come next, in hexadecimal, and what the card does with it. */
export type ScriptStep = readonly [command: string, response: string | Error];

export interface ScriptedCard {
  readonly channel: CardChannel;
  /** Throws unless every step of the script was taken. */
  assertFinished(): void;
}

/** A card that answers exactly the commands of its script, in their order, and throws at anything else. */
export function createScriptedCard(script: readonly ScriptStep[]): ScriptedCard {
  let position = 0;
  return {
    channel: async (command) => {
      const step = script[position];
      if (step === undefined) throw new Error(`The script has ended, but the card got ${bytesToHex(command)}.`);
      const [expected, response] = step;
      if (!equalBytes(command, bytesFromHex(expected))) {
        throw new Error(`Step ${position}: expected ${expected}, but the card got ${bytesToHex(command)}.`);
      }
      position++;
      if (response instanceof Error) throw response;
      return bytesFromHex(response);
    },
    assertFinished: () => {
      if (position < script.length) throw new Error(`The script has ${script.length - position} steps left.`);
    },
  };
}
