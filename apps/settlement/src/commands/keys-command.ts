import { parseArgs } from "node:util";
import { openSigningKey } from "@tallystick/keystore";
import { EXIT } from "@tallystick/program";
import { loadConfig } from "../foundation/config/load-config.ts";
import { rotateAccount } from "../operations/keys/account-rotation.ts";
import { rotateIssuer } from "../operations/keys/issuer-rotation.ts";
import { cancelRotation } from "../operations/keys/rotation-store.ts";
import { reportText, type RotationReport } from "../operations/keys/rotation-steps.ts";
import { closePlatform, createPlatform, type Platform } from "../platform.ts";
import type { CommandResult } from "./command-result.ts";
import { oneOf, personName, reasonText, wrongUsage } from "./given-arguments.ts";

const KEYS = ["gas", "treasury", "issuer"] as const;

export const keysHelp = `Usage: tallystick-settlement keys rotate gas|treasury --config FILE [--to KEYFILE --by NAME --reason TEXT]
       tallystick-settlement keys rotate gas|treasury --config FILE --cancel --by NAME --reason TEXT
       tallystick-settlement keys rotate issuer --config FILE [--to KEYFILE]

A new key takes the place of another, in steps; docs/operating/keys.md has the whole way. With --to
it is announced; every further run, without --to, does what is due, and prints each step: done, the
one that waits with what a person has to do, and those to come. It may be run any number of times,
also after it was interrupted. The service runs meanwhile, and sends what the steps plan.

  --dry-run  prints the plan, and changes nothing
  --cancel   takes an announcement back, while no start was made with the new key
  --by       who announces, and why: an entry of the audit log
  --json     the report as one JSON object

Of the issuer's key it changes nothing: the configuration says which keys sign. It says what to pin
and to name, and how many cards still hold the former key. It ends with 8 until all is done.
`;

const options = {
  config: { type: "string" },
  to: { type: "string" },
  by: { type: "string" },
  reason: { type: "string" },
  cancel: { type: "boolean" },
  "dry-run": { type: "boolean" },
  json: { type: "boolean" },
} as const;

/** Runs `keys rotate`. Rejects with ProgramError. */
export async function keysCommand(args: readonly string[]): Promise<CommandResult> {
  const [command, name, ...rest] = args;
  if (command !== "rotate") throw wrongUsage("keys takes rotate.", "See keys --help.");
  const key = oneOf(KEYS, name, `The key ${name ?? ""}`.trim());
  const { values } = parseArgs({ args: rest, options });
  if (values.config === undefined) throw wrongUsage("The configuration is missing.", "Name it with --config FILE.");
  const config = loadConfig(values.config);
  const platform = createPlatform(config);
  try {
    const to = values.to === undefined ? null : openSigningKey(values.to, { chainIds: [config.chainId] });
    if (key === "issuer")
      return resultOf(
        await rotateIssuer(platform, to === null ? null : { id: to.keyId, publicKey: to.key.publicKey }),
        values.json === true,
      );
    const dryRun = values["dry-run"] === true;
    const isOrder = !dryRun && (to !== null || values.cancel === true);
    const order = isOrder
      ? { by: personName(values.by, "--by"), reason: reasonText(values.reason) }
      : { by: "nobody", reason: "" };
    if (values.cancel === true) return await cancelled(platform, key, order);
    const asked = { purpose: key, to: to?.key.address ?? null, ...order, dryRun };
    return resultOf(await rotateAccount(platform, asked), values.json === true);
  } finally {
    await closePlatform(platform);
  }
}

async function cancelled(
  { db, clock }: Platform,
  purpose: "gas" | "treasury",
  order: { readonly by: string; readonly reason: string },
): Promise<CommandResult> {
  await cancelRotation(db, purpose, { ...order, at: new Date(clock.now()) });
  return { line: JSON.stringify({ cancelled: purpose }), exit: EXIT.done };
}

function resultOf(report: RotationReport, json: boolean): CommandResult {
  return { line: json ? JSON.stringify(report) : reportText(report), exit: report.done ? EXIT.done : EXIT.interrupted };
}
