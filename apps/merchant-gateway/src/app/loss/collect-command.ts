import { type Command, InvalidArgumentError } from "commander";
import { ConfigError, faultAt } from "@tallystick/program";
import type { CollectLine } from "../../claim/collect/run-collect.ts";
import { loadConfig } from "../../config/load-config.ts";
import { readTerminalKey } from "../../keys/terminal-key.ts";
import { COLLECT_WAIT_SECONDS, MAX_COLLECT_WAIT_SECONDS } from "../../claim/collect/limits.ts";

interface CollectOptions {
  readonly config: string;
  readonly wait: number;
  readonly lane?: string;
}

/** Adds `collect FILE`: what cards still hold for this payee, whichever of its terminals took it. */
export function addCollectCommand(program: Command, report: (line: CollectLine) => void): void {
  program
    .command("collect")
    .description(
      "Read what cards still hold for this payee, card after card, into a file that claim --bundles brings to the vault.",
    )
    .argument("<file>", "the file to write; it must not be there yet")
    .requiredOption("--config <file>", "the configuration of a certified terminal of the payee, whose reader is free")
    .option("--wait <seconds>", "ends when no card came for so long", secondsOf, COLLECT_WAIT_SECONDS)
    .option("--lane <name>", "the lane whose reader is used; the first one's when left out")
    .option("--json", "print JSON lines for programs instead of sentences")
    .action(async (file: string, { config: path, wait, lane: name }: CollectOptions) => {
      const config = loadConfig(path);
      const signer = readTerminalKey(config.terminalKeyFile);
      const lane = config.lanes.find((each) => name === undefined || each.name === name);
      if (lane === undefined) throw new ConfigError([faultAt("--lane", "names no lane")], "The command line");
      const { openReaders } = await import("../../reader/open-reader.ts");
      const { runCollect } = await import("../../claim/collect/run-collect.ts");
      const readers = await openReaders(config);
      try {
        const collector = { domains: config.domains, payee: config.payee, signer };
        await runCollect({ collector, reader: readers.of(lane), file, waitMs: wait * 1_000 }, report);
      } finally {
        await readers.close();
      }
    });
}

function secondsOf(text: string): number {
  const seconds = Number(text);
  if (/^[0-9]+$/.test(text) && seconds >= 1 && seconds <= MAX_COLLECT_WAIT_SECONDS) return seconds;
  throw new InvalidArgumentError(`It must be a whole number from 1 to ${MAX_COLLECT_WAIT_SECONDS}.`);
}

/** What it prints for people. */
export function collectSentence({ event, file, card, payments, amounts }: CollectLine): string {
  if (event === "left-early") return "The card was taken away too early. Hold it to the reader again.";
  const worth = amounts.length === 0 ? "" : ` of ${amounts.join(", ")}`;
  if (event === "done")
    return `Done: ${payments} payments${worth} are in ${file}. Bring them with claim --bundles ${file}.`;
  if (card === null) return "This card holds nothing for this payee. Take it away.";
  return `Card ${card}: ${payments} payments${worth} were not in the file yet. Take it away.`;
}
