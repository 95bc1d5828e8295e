import type { Command } from "commander";
import { addBackupCommands, type BackupLine } from "./backup-commands.ts";
import { addCollectCommand } from "./collect-command.ts";
import type { CollectLine } from "../../claim/collect/run-collect.ts";
import type { TakeOverLine } from "../../claim/takeover/run-take-over.ts";
import { addTakeOverCommand } from "./take-over-command.ts";

/** Adds what keeps a box's journal from being lost, and what helps where it is. */
export function addLossCommands(
  program: Command,
  report: (line: BackupLine | CollectLine | TakeOverLine) => void,
): void {
  addBackupCommands(program, report);
  addCollectCommand(program, report);
  addTakeOverCommand(program, report);
}
