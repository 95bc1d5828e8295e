import type { INestApplicationContext } from "@nestjs/common";
import { EXIT, ProgramError } from "@tallystick/program";
import { parseArgs } from "node:util";
import { createApplication } from "../application.ts";
import { recordAction } from "../books/audit-log/record-action.ts";
import { loadConfig } from "../foundation/config/load-config.ts";
import type { DatabaseTransaction } from "../foundation/database/database.ts";
import { createPlatform, type Platform } from "../platform.ts";
import { ChainWatcher } from "../vouchers/chain-events/chain-watcher.ts";
import { acceptFinality, clearFinality, proveFinality } from "../vouchers/rescans/finality.ts";
import type { CommandResult } from "./command-result.ts";
import { orderOf } from "./given-arguments.ts";

const person = { config: { type: "string" }, by: { type: "string" }, reason: { type: "string" } } as const;

export const chainCommandsHelp = `Usage: tallystick-settlement rescan --config FILE --from BLOCK --by NAME --reason TEXT
       tallystick-settlement finality --config FILE [--accept --by NAME --reason TEXT]

rescan reads the final blocks from BLOCK up to where the books stand once more, and records what is
missing. What was recorded has no second effect. The service may run meanwhile.

finality asks every node for the last final block that was posted. Where all show it, the alarm
FINALITY_BROKEN ends. Where another block stands there and nothing that was posted is gone,
--accept lets the books go on; where something is gone, it is printed, and nothing is accepted.

A rescan and what is accepted are entries of the audit log, by who says --by.
`;

/** Runs `rescan`. Rejects with ProgramError for wrong arguments. */
export async function rescanCommand(args: readonly string[]): Promise<CommandResult> {
  const { values } = parseArgs({ args: [...args], options: { ...person, from: { type: "string" } } });
  const from = values.from ?? "";
  if (!/^\d{1,18}$/.test(from)) throw wrong("--from names the block.", "Write it as a decimal number.");
  const order = orderOf(values);
  return await withApplication(values.config, async (app, { db, clock }) => {
    // Before its effects, which are several transactions: whoever finds one of them finds the entry.
    await db.transaction().execute(async (trx) => await recordRescan(trx, { ...order, from, now: clock.now() }));
    const result = await app.get(ChainWatcher).rescan(BigInt(from));
    const line = { from: Number(result.from), to: Number(result.to), found: result.found };
    return { line: JSON.stringify(line), exit: EXIT.done };
  });
}

/** Runs `finality`. Rejects with ProgramError for wrong arguments. */
export async function finalityCommand(args: readonly string[]): Promise<CommandResult> {
  const { values } = parseArgs({
    args: [...args],
    options: { ...person, accept: { type: "boolean", default: false } },
  });
  const order = values.accept ? orderOf(values) : null;
  return await withApplication(values.config, async (_app, { db, nodes, config, clock }) => {
    const proof = await proveFinality(db, nodes, config.startBlock);
    if (proof === null) return { line: JSON.stringify({ state: "NOTHING_POSTED" }), exit: EXIT.done };
    const cleared = await clearFinality(db, proof);
    const accepted = order !== null && (await acceptFinality(db, proof, { ...order, now: clock.now() }));
    const standing = proof.standing === null ? null : { ...proof.standing, number: Number(proof.standing.number) };
    const line = JSON.stringify({ ...proof, standing, accepted });
    return { line, exit: cleared || accepted ? EXIT.done : EXIT.failed };
  });
}

async function recordRescan(
  trx: DatabaseTransaction,
  rescan: { readonly by: string; readonly reason: string; readonly from: string; readonly now: number },
): Promise<void> {
  const { by, reason, from, now } = rescan;
  const actor = { name: by, role: "admin" } as const;
  const [subject, at] = [`block:${BigInt(from)}`, new Date(now)];
  await recordAction(trx, { action: "rescan", actor, subject, details: { reason }, at });
}

/** The service's own parts, on the configured database and nodes; nothing listens and nothing works. */
async function withApplication<T>(
  configFile: string | undefined,
  work: (app: INestApplicationContext, platform: Platform) => Promise<T>,
): Promise<T> {
  if (configFile === undefined) throw wrong("The configuration is missing.", "Name it with --config FILE.");
  const platform = createPlatform({ ...loadConfig(configFile), roles: ["api"] });
  const app = await createApplication(platform, false);
  try {
    await app.init();
    return await work(app, platform);
  } finally {
    await app.close();
  }
}

function wrong(message: string, next: string): ProgramError {
  return new ProgramError("USAGE", message, { exit: "usage", next });
}
