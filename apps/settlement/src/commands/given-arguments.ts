import { EXIT, ProgramError } from "@tallystick/program";
import { invisibleCharacter } from "@tallystick/protocol/wire";
import { loadConfig } from "../foundation/config/load-config.ts";
import { PERSON_NAME } from "../foundation/config/person-name.ts";
import { LIMITS } from "../foundation/limits/limits.ts";
import { closePlatform, createPlatform, type Platform } from "../platform.ts";
import type { CommandResult } from "./command-result.ts";

/** Runs a command's work on the installation that `--config` names; its answer is the line that is printed. */
export async function withDatabase(
  config: string | undefined,
  work: (platform: Platform) => Promise<object>,
): Promise<CommandResult> {
  if (config === undefined) throw wrongUsage("The configuration is missing.", "Name it with --config FILE.");
  const platform = createPlatform(loadConfig(config));
  try {
    return { line: JSON.stringify(await work(platform)), exit: EXIT.done };
  } finally {
    await closePlatform(platform);
  }
}

/** A person's name. Throws ProgramError USAGE. */
export function personName(value: string | undefined, field: string): string {
  if (value !== undefined && PERSON_NAME.pattern.test(value)) return value;
  throw wrongUsage(`${field} ${PERSON_NAME.message}.`, `Give ${field} a name such as ida.`);
}

/** Why something is done. Throws ProgramError USAGE. */
export function reasonText(reason = ""): string {
  const invisible = invisibleCharacter(reason);
  if (invisible !== null)
    throw wrongUsage(`--reason has ${invisible}, which nobody sees.`, "Type it by hand instead of pasting it.");
  if (reason.trim() !== "" && reason.length <= LIMITS.reasonCharacters) return reason;
  throw wrongUsage("--reason is missing, or too long.", `Say why in at most ${LIMITS.reasonCharacters} characters.`);
}

/** Who acts, and why. Throws ProgramError USAGE. */
export function orderOf({ by, reason }: { readonly by?: string | undefined; readonly reason?: string | undefined }): {
  readonly by: string;
  readonly reason: string;
} {
  return { by: personName(by, "--by"), reason: reasonText(reason) };
}

/** One of several words. Throws ProgramError USAGE. */
export function oneOf<Word extends string>(words: readonly Word[], value: string | undefined, field: string): Word {
  const known = words.find((each) => each === value);
  if (known !== undefined) return known;
  throw wrongUsage(`${field} is none that there is.`, `Name one of ${words.join(", ")}.`);
}

/** A command line that cannot be followed. */
export function wrongUsage(message: string, next: string): ProgramError {
  return new ProgramError("USAGE", message, { exit: "usage", next });
}
