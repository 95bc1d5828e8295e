import { createInterface } from "node:readline";
import { BoxError } from "../../doors/box/box-error.ts";
import { MAX_PIN_DIGITS } from "../../doors/limits.ts";

/** A terminal, or any other stream. */
export interface PinInput extends NodeJS.ReadableStream {
  readonly isTTY?: boolean;
  setRawMode?(mode: boolean): unknown;
}

const CONTROL_C = "\u0003";
const DELETE = "\u007f";
const BACKSPACE = "\b";

/**
 * The PIN for a person: typed unseen and twice at a terminal, else the first line of the standard
 * input. It never stands on the command line, which other users of the machine see. Throws BoxError
 * PIN_REFUSED.
 */
export async function readPin(input: PinInput, say: (text: string) => void): Promise<string> {
  if (input.isTTY !== true) return await firstLine(input);
  const first = await typed(input, say, "PIN: ");
  const second = await typed(input, say, "The same PIN again: ");
  if (first !== second) throw new BoxError("PIN_REFUSED", "The two PINs are not the same.", "Run the command again.");
  return first;
}

async function firstLine(input: PinInput): Promise<string> {
  const lines = createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY });
  try {
    for await (const line of lines) return line.trim();
    return "";
  } finally {
    lines.close();
  }
}

async function typed(input: PinInput, say: (text: string) => void, question: string): Promise<string> {
  say(question);
  input.setRawMode?.(true);
  input.setEncoding("utf8");
  input.resume();
  let digits = "";
  try {
    return await new Promise<string>((resolve, reject) => {
      const take = (text: string): void => {
        for (const character of text) {
          if (character === CONTROL_C || character === "\r" || character === "\n") {
            input.off("data", take);
            if (character === CONTROL_C)
              reject(new BoxError("PIN_REFUSED", "No PIN was typed.", "Run the command again."));
            else resolve(digits);
            return;
          }
          if (character === DELETE || character === BACKSPACE) digits = digits.slice(0, -1);
          else if (digits.length <= MAX_PIN_DIGITS) digits += character;
        }
      };
      input.on("data", take);
    });
  } finally {
    input.setRawMode?.(false);
    input.pause();
    say("\n");
  }
}
