import { EXIT, ProgramError } from "@tallystick/program";
import { parseArgs } from "node:util";
import { loadConfig } from "../foundation/config/load-config.ts";
import { PERSON_NAME } from "../foundation/config/person-name.ts";
import { ROLES, type Role } from "../foundation/rights.ts";
import { LIMITS } from "../foundation/limits/limits.ts";
import { listTokens, makeToken, revokeTokens } from "../operations/tokens/api-tokens.ts";
import { TOKEN_DAYS } from "../operations/tokens/limits.ts";
import { closePlatform, createPlatform, type Platform } from "../platform.ts";
import type { CommandResult } from "./chain-commands.ts";

export const tokenCommandsHelp = `Usage: tallystick-settlement tokens add --config FILE --name NAME --role ROLE --days N --by NAME
       tallystick-settlement tokens list --config FILE
       tallystick-settlement tokens revoke --config FILE --name NAME [--id ID] --by NAME --reason TEXT

A token lets a person or a program call administration's door. add prints it once: the database
keeps its hash alone. It is valid at once and ends after N days; several of one name may be valid,
so that a new one takes the place of an old one without a gap. revoke ends every token of a name,
or one by its id, from the next call on. Both are entries of the audit log, by who says --by.

  --role   ${ROLES.join(", ")}
  --days   1 to ${TOKEN_DAYS}
`;

const options = {
  config: { type: "string" },
  name: { type: "string" },
  role: { type: "string" },
  days: { type: "string" },
  by: { type: "string" },
  id: { type: "string" },
  reason: { type: "string" },
} as const;

type Given = Partial<Record<keyof typeof options, string>>;

/** Runs `tokens add|list|revoke`. Rejects with ProgramError for wrong arguments, and for a bound that is reached. */
export async function tokensCommand(args: readonly string[], now: () => number): Promise<CommandResult> {
  const [command, ...rest] = args;
  const { values } = parseArgs({ args: rest, options });
  if (command === "add") {
    const made = { name: person(values, "name"), by: person(values, "by"), role: roleOf(values), days: daysOf(values) };
    return await withDatabase(values, async ({ db }) => await makeToken(db, { ...made, now: now() }));
  }
  if (command === "list")
    return await withDatabase(values, async ({ db }) => ({ tokens: await listTokens(db, now()) }));
  if (command === "revoke") {
    const asked = {
      name: person(values, "name"),
      by: person(values, "by"),
      reason: reasonOf(values),
      id: idOf(values),
    };
    return await withDatabase(values, async ({ db }) => ({
      name: asked.name,
      revoked: await revokeTokens(db, { ...asked, now: now() }),
    }));
  }
  throw wrong("tokens takes add, list or revoke.", "See tokens --help.");
}

async function withDatabase(given: Given, work: (platform: Platform) => Promise<object>): Promise<CommandResult> {
  if (given.config === undefined) throw wrong("The configuration is missing.", "Name it with --config FILE.");
  const platform = createPlatform(loadConfig(given.config));
  try {
    return { line: JSON.stringify(await work(platform)), exit: EXIT.done };
  } finally {
    await closePlatform(platform);
  }
}

function person(given: Given, field: "name" | "by"): string {
  const value = given[field];
  if (value !== undefined && PERSON_NAME.pattern.test(value)) return value;
  throw wrong(`--${field} ${PERSON_NAME.message}.`, `Give --${field} a name such as ida.`);
}

function roleOf({ role }: Given): Role {
  const known = ROLES.find((each) => each === role);
  if (known !== undefined) return known;
  throw wrong("--role is none that there is.", `Name one of ${ROLES.join(", ")}.`);
}

function daysOf({ days = "" }: Given): number {
  const count = /^\d{1,4}$/.test(days) ? Number(days) : 0;
  if (count >= 1 && count <= TOKEN_DAYS) return count;
  throw wrong("--days says in how many days the token ends.", `Name a number from 1 to ${TOKEN_DAYS}.`);
}

function reasonOf({ reason = "" }: Given): string {
  if (reason.trim() !== "" && reason.length <= LIMITS.reasonCharacters) return reason;
  throw wrong("--reason is missing, or too long.", `Say why in at most ${LIMITS.reasonCharacters} characters.`);
}

function idOf({ id }: Given): string | null {
  if (id === undefined || /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id)) return id ?? null;
  throw wrong("--id is no token's id.", "Take it from tokens list.");
}

function wrong(message: string, next: string): ProgramError {
  return new ProgramError("USAGE", message, { exit: "usage", next });
}
