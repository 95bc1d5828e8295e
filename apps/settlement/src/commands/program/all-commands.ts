import { assertKnownCommand, EXIT } from "@tallystick/program";
import { systemClock } from "../../foundation/clock.ts";

/** What a command printed, and how it ended. */
interface Ended {
  readonly lines: readonly string[];
  readonly exit: number;
}

/** A command once its code is loaded. */
export interface LoadedCommand {
  readonly help: string;
  /** Rejects with ProgramError for wrong arguments. Lines that cannot wait for the end go to `write`. */
  run(args: readonly string[], write: (line: string) => void): Promise<Ended> | Ended;
}

type Result = { readonly line: string; readonly exit: number };
type Verdict = { readonly line: string; readonly accepted: boolean };
type Verdicts = { readonly lines: readonly string[]; readonly accepted: boolean };

const exitOf = (accepted: boolean): number => (accepted ? EXIT.done : EXIT.failed);

function command(help: string, run: (args: readonly string[]) => Promise<Result>): LoadedCommand {
  const ended = ({ line, exit }: Result): Ended => ({ lines: [line], exit });
  return { help, run: async (args) => ended(await run(args)) };
}

function verdict(help: string, run: (args: readonly string[]) => Promise<Verdict> | Verdict): LoadedCommand {
  const ended = ({ line, accepted }: Verdict): Ended => ({ lines: [line], exit: exitOf(accepted) });
  return { help, run: async (args) => ended(await run(args)) };
}

function verdicts(help: string, run: (args: readonly string[]) => Verdicts): LoadedCommand {
  const ended = ({ lines, accepted }: Verdicts): Ended => ({ lines, exit: exitOf(accepted) });
  return { help, run: (args) => ended(run(args)) };
}

const { now } = systemClock;

/**
 * Every command beside the service itself, by its name of one or two words. Each loads what it alone needs: to read a help
 * text or to verify a file, nobody waits for the framework, the queues and the database.
 */
const COMMANDS: Readonly<Record<string, () => Promise<LoadedCommand>>> = {
  "verify audit": async () => {
    const { verifyAuditCommand, verifyAuditHelp } = await import("../../verify/audit-command.ts");
    return verdict(verifyAuditHelp, verifyAuditCommand);
  },
  "verify evidence": async () => {
    const { evidenceCommand, evidenceHelp } = await import("../../verify/evidence/evidence-command.ts");
    return verdicts(evidenceHelp, evidenceCommand);
  },
  "verify period": async () => {
    const { periodCommand, periodHelp } = await import("../../verify/period-command.ts");
    return verdict(periodHelp, periodCommand);
  },
  "verify proof": async () => {
    const { proofCommand, proofHelp } = await import("../../verify/proof-command.ts");
    return verdict(proofHelp, proofCommand);
  },
  "verify receipt": async () => {
    const { receiptCommand, receiptHelp } = await import("../../verify/receipt-command.ts");
    return verdict(receiptHelp, receiptCommand);
  },
  "verify statement": async () => {
    const { statementCommand, statementHelp } = await import("../../verify/statement-command.ts");
    return verdict(statementHelp, statementCommand);
  },
  verify: async () => {
    const { verifyCommand, verifyHelp } = await import("../../verify/verify-command.ts");
    return verdict(verifyHelp, verifyCommand);
  },
  "certificate-request": async () => {
    const { requestCommand, requestHelp } = await import("../../verify/request-command.ts");
    return verdicts(requestHelp, (args) => requestCommand(args, now));
  },
  "withdraw-certificate": async () => {
    const { withdrawCommand, withdrawHelp } = await import("../withdraw-command.ts");
    return command(withdrawHelp, withdrawCommand);
  },
  joining: async () => {
    const { joiningCommand, joiningHelp } = await import("../joining-command.ts");
    return command(joiningHelp, (args) => joiningCommand(args, { now }));
  },
  rescan: async () => {
    const { chainCommandsHelp, rescanCommand } = await import("../chain-commands.ts");
    return command(chainCommandsHelp, rescanCommand);
  },
  finality: async () => {
    const { chainCommandsHelp, finalityCommand } = await import("../chain-commands.ts");
    return command(chainCommandsHelp, finalityCommand);
  },
  migrate: async () => {
    const { migrateCommand, migrateHelp } = await import("../migrate-command.ts");
    return command(migrateHelp, migrateCommand);
  },
  alarms: async () => {
    const { alarmCommandsHelp, alarmsCommand } = await import("../alarm-commands.ts");
    return command(alarmCommandsHelp, (args) => alarmsCommand(args, now));
  },
  keys: async () => {
    const { keysCommand, keysHelp } = await import("../keys-command.ts");
    return command(keysHelp, keysCommand);
  },
  tokens: async () => {
    const { tokenCommandsHelp, tokensCommand } = await import("../token-commands.ts");
    return command(tokenCommandsHelp, (args) => tokensCommand(args, now));
  },
  people: async () => {
    const { peopleCommand, peopleCommandsHelp } = await import("../people-commands.ts");
    return command(peopleCommandsHelp, (args) => peopleCommand(args, now));
  },
  audit: async () => {
    const { auditCommand, auditCommandsHelp } = await import("../audit-commands.ts");
    return command(auditCommandsHelp, auditCommand);
  },
  ledger: async () => {
    const { ledgerCommand, ledgerCommandsHelp } = await import("../ledger-commands.ts");
    return command(ledgerCommandsHelp, (args) => ledgerCommand(args, now));
  },
  backup: async () => {
    const { backupCommand, backupCommandsHelp } = await import("../backup-commands.ts");
    return command(backupCommandsHelp, backupCommand);
  },
  "restore-drill": async () => {
    const { backupCommandsHelp, restoreDrillCommand } = await import("../backup-commands.ts");
    return restoring(backupCommandsHelp, restoreDrillCommand);
  },
  restore: async () => {
    const { backupCommandsHelp, restoreCommand } = await import("../backup-commands.ts");
    return restoring(backupCommandsHelp, restoreCommand);
  },
};

/** A restore says what it does while it does it. */
async function restoring(
  help: string,
  run: (typeof import("../backup-commands.ts"))["restoreCommand"],
): Promise<LoadedCommand> {
  const { databaseRule, nodeRule } = await import("./failure-rules.ts");
  return {
    help,
    run: async (args, write) => ({ lines: [], exit: await run(args, { rules: [databaseRule, nodeRule], write }) }),
  };
}

/** Throws ProgramError USAGE, with the commands that there are, where a line names one that there is not. */
export function assertCommand(line: readonly string[]): void {
  const names = Object.keys(COMMANDS);
  assertKnownCommand(line, ["check-config", ...new Set(names.map((name) => name.split(" ", 1)[0] ?? name))]);
  const ofTwo = names.filter((name) => name.startsWith(`${line[0]} `)).map((name) => name.split(" ")[1] ?? name);
  if (ofTwo.length > 0) assertKnownCommand(line.slice(1), ofTwo);
}

/** The command that a line names, and its arguments; null where it names none. */
export function commandOf(
  line: readonly string[],
): { readonly load: () => Promise<LoadedCommand>; readonly args: readonly string[] } | null {
  for (const words of [2, 1]) {
    const load = line.length < words ? undefined : COMMANDS[line.slice(0, words).join(" ")];
    if (load !== undefined) return { load, args: line.slice(words) };
  }
  return null;
}
