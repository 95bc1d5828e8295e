import { parseArgs } from "node:util";
import { STAFF } from "../foundation/rights.ts";
import { listTokens, makeToken, revokeTokens } from "../operations/tokens/api-tokens.ts";
import { TOKEN_DAYS } from "../operations/tokens/limits.ts";
import type { CommandResult } from "./command-result.ts";
import { oneOf, personName, reasonText, withDatabase, wrongUsage } from "./given-arguments.ts";

export const tokenCommandsHelp = `Usage: tallystick-settlement tokens add --config FILE --name NAME --role ROLE --days N --by NAME
       tallystick-settlement tokens list --config FILE
       tallystick-settlement tokens revoke --config FILE --name NAME [--id ID] --by NAME --reason TEXT

A token lets a person or a program call administration's door. add prints it once: the database
keeps its hash alone. It is valid at once and ends after N days; several of one name may be valid,
so that a new one takes the place of an old one without a gap. revoke ends every token of a name,
or one by its id, from the next call on. Both are entries of the audit log, by who says --by.

  --role   ${STAFF.join(", ")}
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
    const made = {
      name: personName(values.name, "--name"),
      by: personName(values.by, "--by"),
      role: oneOf(STAFF, values.role, "--role"),
      days: daysOf(values),
    };
    return await withDatabase(values.config, async ({ db }) => await makeToken(db, { ...made, now: now() }));
  }
  if (command === "list")
    return await withDatabase(values.config, async ({ db }) => ({ tokens: await listTokens(db, now()) }));
  if (command === "revoke") {
    const asked = {
      name: personName(values.name, "--name"),
      by: personName(values.by, "--by"),
      reason: reasonText(values.reason),
      id: idOf(values),
    };
    return await withDatabase(values.config, async ({ db }) => ({
      name: asked.name,
      revoked: await revokeTokens(db, { ...asked, now: now() }),
    }));
  }
  throw wrongUsage("tokens takes add, list or revoke.", "See tokens --help.");
}

function daysOf({ days = "" }: Given): number {
  const count = /^\d{1,4}$/.test(days) ? Number(days) : 0;
  if (count >= 1 && count <= TOKEN_DAYS) return count;
  throw wrongUsage("--days says in how many days the token ends.", `Name a number from 1 to ${TOKEN_DAYS}.`);
}

function idOf({ id }: Given): string | null {
  if (id === undefined || /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id)) return id ?? null;
  throw wrongUsage("--id is no token's id.", "Take it from tokens list.");
}
