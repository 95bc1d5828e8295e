import { ProgramError } from "@tallystick/program";
import { parseAddress, ProtocolError, toHex } from "@tallystick/protocol";
import { parseArgs } from "node:util";
import { administrationDoor, type Config } from "../foundation/config/config.ts";
import { ROLES } from "../foundation/rights.ts";
import { isKnownPayee } from "../issuing/merchants/known-merchants.ts";
import { eraseMerchant } from "../operations/people/erase-merchant.ts";
import { erasePerson } from "../operations/people/erase-person.ts";
import { invite, listPeople, removePerson } from "../operations/people/people.ts";
import type { CommandResult } from "./command-result.ts";
import { oneOf, orderOf, personName, withDatabase, wrongUsage } from "./given-arguments.ts";

export const peopleCommandsHelp = `Usage: tallystick-settlement people invite NAME --config FILE --role ROLE [--payee ADDRESS] --by NAME
       tallystick-settlement people list --config FILE
       tallystick-settlement people remove NAME --config FILE --by NAME --reason TEXT
       tallystick-settlement people erase NAME --config FILE --by NAME --reason TEXT
       tallystick-settlement people erase --payee ADDRESS --config FILE --by NAME --reason TEXT

People sign in with a browser. invite prints a link that works once, within 15 minutes; it also gives
a person who is there already a new link, or another role, which ends its sessions. remove ends its
sessions and links at once. erase takes the name, and the reasons that were given with it, out of
everything, where the law asks it, of who was removed; the entries stay without them. With --payee it
takes what a merchant and its terminals are called, and how it is reached. A name is one person, also
where it is a token's. All are entries of the audit log, by who says --by.

  --role   ${ROLES.join(", ")}
  --payee  of a merchant: the address that it is paid at, whose own it will see, or whose names go;
           invite refuses one that no terminal is certified for (PAYEE_UNKNOWN)
`;

const options = {
  config: { type: "string" },
  role: { type: "string" },
  payee: { type: "string" },
  by: { type: "string" },
  reason: { type: "string" },
} as const;

type Given = Partial<Record<keyof typeof options, string>>;

/** Runs `people invite|list|remove|erase`. Rejects with ProgramError for wrong arguments, and for a bound that is reached. */
export async function peopleCommand(args: readonly string[], now: () => number): Promise<CommandResult> {
  const [command, ...rest] = args;
  const { values, positionals } = parseArgs({ args: rest, options, allowPositionals: true });
  if (command === "list" && positionals.length === 0)
    return await withDatabase(values.config, async ({ db }) => ({ people: await listPeople(db, now()) }));
  const [given, ...others] = positionals;
  if (others.length > 0) throw wrongUsage("people takes one name.", "See people --help.");
  if (command === "invite") return await inviteCommand(personName(given, "NAME"), values, now);
  if (command === "remove") {
    const removed = decisionOf(given, values);
    return await withDatabase(values.config, async ({ db }) => ({
      name: removed.name,
      removed: await removePerson(db, { ...removed, now: now() }),
    }));
  }
  if (command === "erase" && given === undefined && values.payee !== undefined) {
    const erased = { payee: addressOf(values.payee), ...orderOf(values) };
    return await withDatabase(values.config, async ({ db }) => ({
      entries: await eraseMerchant(db, { ...erased, now: now() }),
    }));
  }
  if (command === "erase") {
    const erased = decisionOf(given, values);
    return await withDatabase(values.config, async ({ db }) => ({
      entries: await erasePerson(db, { ...erased, now: now() }),
    }));
  }
  throw wrongUsage("people takes invite, list, remove or erase.", "See people --help.");
}

function decisionOf(name: string | undefined, given: Given) {
  return { name: personName(name, "NAME"), ...orderOf(given) };
}

async function inviteCommand(name: string, values: Given, now: () => number): Promise<CommandResult> {
  const invitation = {
    ...{ name, by: personName(values.by, "--by"), role: oneOf(ROLES, values.role, "--role") },
    payee: payeeOf(values),
  };
  return await withDatabase(values.config, async ({ db, config }) => {
    if (invitation.payee !== null && !(await isKnownPayee(db, invitation.payee)))
      throw new ProgramError("PAYEE_UNKNOWN", `Nothing here is paid to ${toHex(invitation.payee)}.`, {
        ...{ exit: "failed", next: "Correct the address, or certify the merchant's first terminal and then invite." },
      });
    const origin = signInOrigin(config);
    const { secret, endsAt } = await invite(db, { ...invitation, now: now() });
    const shown = { name, role: invitation.role, endsAt: endsAt.toISOString() };
    return { ...shown, link: `${origin}/sign-in/${secret}` };
  });
}

/** The address that people type. */
function signInOrigin(config: Config): string {
  const { origin } = config.signIn;
  if (origin !== undefined) return origin;
  const { port } = administrationDoor(config);
  if (port !== 0) return `http://localhost:${port}`;
  throw wrongUsage("The configuration does not say where people find administration.", "Set signIn.origin.");
}

function payeeOf({ role, payee }: Given): Uint8Array | null {
  if ((role === "merchant") !== (payee !== undefined))
    throw wrongUsage("A merchant has a payee, and nobody else has one.", "Give --payee with --role merchant.");
  return payee === undefined ? null : addressOf(payee);
}

function addressOf(payee: string): Uint8Array {
  try {
    return parseAddress(payee);
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    throw wrongUsage("--payee is no address.", "Write 0x and 40 hexadecimal digits.");
  }
}
