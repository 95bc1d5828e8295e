import type { Command } from "commander";
import { addBackupCommands, type BackupLine } from "./backup-commands.ts";
import { addCollectCommand } from "./collect-command.ts";
import type { CollectLine } from "../claim/collect/run-collect.ts";

/** Adds what keeps a box's journal from being lost, and what helps where it is. */
export function addLossCommands(program: Command, report: (line: BackupLine | CollectLine) => void): void {
  addBackupCommands(program, report);
  addCollectCommand(program, report);
}
